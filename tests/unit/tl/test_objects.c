/* Whole objects against bytes written by hand, in both directions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"
#include "tests/unit/tl/suites.h"
#include "tests/unit/tl/support.h"

static void check_case(const json_t *c, const char *schema_name)
{
    const struct tl_schema *s = shipped(schema_name);
    const json_t *object = json_object_get(c, "json");
    const char *name = unit_json_text(c, "name");
    const char *comb = unit_json_text(object, "_");
    char *hex = joined_hex(json_object_get(c, "tl"));
    size_t len;
    uint8_t *want = unit_hex(hex, &len);
    struct buf out;

    buf_init(&out, 1 << 20);
    encode_any(s, object, name, &out);
    char *got = calloc(1, 2 * out.len + 1);
    for (size_t i = 0; i < out.len; i++)
        sprintf(got + 2 * i, "%02x", out.data[i]);
    ck_assert_msg(strcmp(got, hex) == 0, "%s, %s:\n  want %s\n  got  %s", schema_name, name, hex, got);
    json_t *back = decode_any(s, tl_find_constructor_name(s, comb) == NULL, want, len, name);
    ck_assert_msg(json_equal(back, object), "%s, %s: %s", schema_name, name, json_dumps(back, 0));
    json_decref(back);
    free(got);
    free(want);
    free(hex);
    buf_fini(&out);
}

static void check_file(const char *file, size_t least)
{
    json_t *cases = unit_load_json(file);
    size_t i, k;
    json_t *c, *schema;

    ck_assert_uint_ge(json_array_size(cases), least);
    json_array_foreach (cases, i, c) {
        json_t *schemas = json_object_get(c, "schemas");
        ck_assert_uint_ge(json_array_size(schemas), 1);
        json_array_foreach (schemas, k, schema)
            check_case(c, json_string_value(schema));
    }
    json_decref(cases);
}

START_TEST(all_seven_constructors_of_updates_match_their_bytes)
{
    static const char *const names[] = {"updatesTooLong",        "updateShortMessage", "updateShortChatMessage",
                                        "updateShort",           "updatesCombined",    "updates",
                                        "updateShortSentMessage"};
    const struct tl_type *type = tl_find_type(shipped("layer-229"), "Updates");
    json_t *cases = unit_load_json("tl/valid/updates.json");

    ck_assert_uint_eq(type->combs_n, 7);
    for (size_t n = 0; n < 7; n++) {
        bool found = false;
        for (size_t i = 0; i < json_array_size(cases); i++)
            found |= strcmp(unit_json_text(json_object_get(json_array_get(cases, i), "json"), "_"), names[n]) == 0;
        ck_assert_msg(found, "no case for %s", names[n]);
    }
    json_decref(cases);
    check_file("tl/valid/updates.json", 15);
}
END_TEST

START_TEST(every_field_of_create_group_call_matches_its_bytes)
{
    check_file("tl/valid/create_group_call.json", 15);
}
END_TEST

START_TEST(bare_and_boxed_vectors_and_service_messages_match_their_bytes)
{
    check_file("tl/valid/vectors.json", 7);
}
END_TEST

START_TEST(a_query_inside_a_query_is_an_object_in_its_place)
{
    const struct tl_schema *s = shipped("layer-138");
    json_t *call =
        json_of("{'_':'invokeWithLayer','layer':138,'query':{'_':'initConnection','api_id':1,'device_model':'d',"
                "'system_version':'s','app_version':'a','system_lang_code':'en','lang_pack':'','lang_code':'en',"
                "'query':{'_':'help.getConfig'}}}");
    static const char want[] =
        "0d0d9bda8a000000a95ecdc1000000000100000001640000017300000161000002656e000000000002656e006b18f9c4";
    size_t len;
    uint8_t *bytes = unit_hex(want, &len);
    struct buf out;

    buf_init(&out, 4096);
    encode_any(s, call, "invokeWithLayer", &out);
    ck_assert_uint_eq(out.len, len);
    ck_assert_mem_eq(out.data, bytes, len);
    json_t *back = decode_any(s, true, bytes, len, "invokeWithLayer");
    ck_assert(json_equal(back, call));
    json_decref(back);
    json_decref(call);
    free(bytes);
    buf_fini(&out);
}
END_TEST

START_TEST(a_result_is_what_its_method_answers)
{
    static const struct {
        const char *method, *hex, *json;
    } cases[] = {
        {"auth.bindTempAuthKey", "b5757299", "true"},
        {"auth.bindTempAuthKey", "379779bc", "false"},
        {"contacts.getContactIDs", "15c4b51c02000000ffffffff07000000", "[-1,7]"},
        {"photos.deletePhotos", "15c4b51c01000000ffffffffffffffff", "['-1']"},
        {"photos.deletePhotos", "15c4b51c00000000", "[]"},
        {"users.getUsers", "15c4b51c010000007a4bbcd30100000000000000", "[{'_':'userEmpty','id':'1'}]"},
        {"updates.getState", "3e2a6ca50100000002000000030000000400000005000000",
         "{'_':'updates.state','pts':1,'qts':2,'date':3,'seq':4,'unread_count':5}"},
    };
    const struct tl_schema *s = shipped("layer-229");

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct tl_comb *method = tl_find_method(s, cases[i].method);
        struct fault fault = {0};
        size_t len;
        uint8_t *bytes = unit_hex(cases[i].hex, &len);
        json_t *want = json_of(cases[i].json), *tree = NULL;
        struct buf text, again;
        buf_init(&text, 4096);
        buf_init(&again, 4096);
        ck_assert_ptr_nonnull(method);
        ck_assert_msg(tl_tree_result(s, method, bytes, len, &tree, NULL, &fault) == 0, "%zu: %s", i, fault.text);
        ck_assert_msg(json_equal(tree, want), "%s", cases[i].json);
        ck_assert_int_eq(tl_text_result(s, method, bytes, len, &text, NULL, &fault), 0);
        json_t *parsed = json_loadb((char *)text.data, text.len, JSON_DECODE_ANY, NULL);
        ck_assert(json_equal(parsed, want));
        ck_assert_int_eq(tl_encode_value(s, &method->result, want, TL_ENCODE_STRICT, &again, &fault), 0);
        ck_assert_uint_eq(again.len, len);
        ck_assert_mem_eq(again.data, bytes, len);
        json_decref(parsed);
        json_decref(tree);
        json_decref(want);
        free(bytes);
        buf_fini(&text);
        buf_fini(&again);
    }
}
END_TEST

Suite *suite_objects(void)
{
    Suite *s = suite_create("objects");
    TCase *t = tcase_create("objects");

    tcase_add_test(t, all_seven_constructors_of_updates_match_their_bytes);
    tcase_add_test(t, every_field_of_create_group_call_matches_its_bytes);
    tcase_add_test(t, bare_and_boxed_vectors_and_service_messages_match_their_bytes);
    tcase_add_test(t, a_query_inside_a_query_is_an_object_in_its_place);
    tcase_add_test(t, a_result_is_what_its_method_answers);
    suite_add_tcase(s, t);
    return s;
}
