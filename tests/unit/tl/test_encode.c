/* JSON that is refused, and where; what is taken in more than one form. */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "tests/support/unit.h"
#include "tests/unit/tl/suites.h"
#include "tests/unit/tl/support.h"

static void check_refused(const struct tl_schema *s, const json_t *c)
{
    const char *name = unit_json_text(c, "name"), *method_name = unit_json_text(c, "method");
    const struct tl_comb *method = tl_find_method(s, method_name);
    struct fault fault = {.path = "/old"};
    struct buf out;

    ck_assert_msg(method != NULL, "no method %s", method_name);
    buf_init(&out, 1 << 20);
    int err = tl_encode_method(s, method, json_object_get(c, "json"), TL_ENCODE_STRICT, &out, &fault);
    ck_assert_msg(err == err_by_name(unit_json_text(c, "err")), "%s: %d, %s: %s", name, err, fault.path, fault.text);
    ck_assert_int_eq(fault.err, err);
    ck_assert_msg(strcmp(fault.path, unit_json_text(c, "path")) == 0, "%s: %s: %s", name, fault.path, fault.text);
    ck_assert_msg(strstr(fault.text, unit_json_text(c, "says")) != NULL, "%s: %s", name, fault.text);
    buf_fini(&out);
}

START_TEST(json_that_does_not_fit_is_refused_with_its_place)
{
    json_t *cases = unit_load_json("tl/invalid/json.json"), *c;
    size_t i;

    json_array_foreach (cases, i, c) {
        const char *schema = json_string_value(json_object_get(c, "schema"));
        check_refused(shipped(schema ? schema : "layer-138"), c);
        if (!schema)
            check_refused(shipped("layer-229"), c);
    }
    ck_assert_uint_gt(i, 50);
    json_decref(cases);
}
END_TEST

/* Both texts, as parameters of METHOD in layer 229, give the same bytes. */
static void check_same(const char *method, const char *a, const char *b, enum tl_encode_mode mode)
{
    const struct tl_schema *s = shipped("layer-229");
    const char *texts[] = {a, b};
    struct fault fault = {0};
    struct buf out[2];

    for (int i = 0; i < 2; i++) {
        json_t *j = json_of(texts[i]);
        buf_init(&out[i], 4096);
        int err = tl_encode_method(s, tl_find_method(s, method), j, mode, &out[i], &fault);
        ck_assert_msg(err == 0, "%s: %s: %s", texts[i], fault.path, fault.text);
        json_decref(j);
    }
    ck_assert_uint_eq(out[0].len, out[1].len);
    ck_assert_mem_eq(out[0].data, out[1].data, out[0].len);
    buf_fini(&out[0]);
    buf_fini(&out[1]);
}

START_TEST(one_value_may_be_said_in_several_ways)
{
    check_same("phone.createGroupCall", "{'peer':{'_':'inputPeerChat','chat_id':'-9223372036854775808'},'random_id':1}",
               "{'_':'phone.createGroupCall','peer':{'chat_id':-9223372036854775808,'_':'inputPeerChat'},'random_id':1,"
               "'title':null,"
               "'rtmp_stream':false,'schedule_date':null}",
               TL_ENCODE_STRICT);
    check_same("phone.createGroupCall", "{'peer':{'_':'inputPeerSelf'},'random_id':1,'title':'foo'}",
               "{'peer':{'_':'inputPeerSelf'},'random_id':1,'rtmp_stream':null,'title':{'_bytes':'Zm9v'}}",
               TL_ENCODE_STRICT);
    check_same("contacts.getLocated", "{'geo_point':{'_':'inputGeoPoint','lat':1,'long':-2}}",
               "{'geo_point':{'_':'inputGeoPoint','lat':1.0,'long':-2.0}}", TL_ENCODE_STRICT);
    check_same("phone.createConferenceCall", "{'random_id':1,'join':false}", "{'random_id':1,'block':null}",
               TL_ENCODE_STRICT);
}
END_TEST

START_TEST(a_false_bool_that_is_optional_is_not_an_absent_one)
{
    const struct tl_schema *s = shipped("layer-138");
    json_t *j = json_of("{'call':{'_':'inputGroupCall','id':1,'access_hash':2},'join_muted':false}");
    struct fault fault = {0};
    struct buf out;

    buf_init(&out, 4096);
    ck_assert_int_eq(
        tl_encode_method(s, tl_find_method(s, "phone.toggleGroupCallSettings"), j, TL_ENCODE_STRICT, &out, &fault), 0);
    ck_assert_uint_eq(out.len, 4 + 4 + 20 + 4);
    ck_assert_uint_eq(out.data[4], 1);
    ck_assert_mem_eq(out.data + 28, "\x37\x97\x79\xbc", 4);
    json_decref(j);
    buf_fini(&out);
}
END_TEST

START_TEST(lenient_drops_what_the_layer_lacks_and_nothing_else)
{
    const struct tl_schema *s = shipped("layer-138");
    json_t *j = json_of("{'peer':{'_':'inputPeerSelf','new':[1]},'random_id':1,'newer':{'_':'x'},'flags':3}");
    struct fault fault = {0};
    struct buf out;

    check_same("phone.createGroupCall",
               "{'peer':{'_':'inputPeerSelf','new':[1]},'random_id':1,'newer':{'_':'x'},'flags':3}",
               "{'peer':{'_':'inputPeerSelf'},'random_id':1}", TL_ENCODE_LENIENT);
    buf_init(&out, 4096);
    json_object_set_new(j, "random_id", json_string("1"));
    ck_assert_int_eq(
        tl_encode_method(s, tl_find_method(s, "phone.createGroupCall"), j, TL_ENCODE_LENIENT, &out, &fault),
        TGC_EINVAL);
    ck_assert_str_eq(fault.path, "/random_id");
    json_decref(j);
    buf_fini(&out);
}
END_TEST

START_TEST(every_64_bit_integer_goes_through_unchanged)
{
    const struct tl_schema *s = shipped("layer-138");
    json_t *cases = unit_load_json("tl/valid/int64.json"), *c;
    size_t i;

    json_array_foreach (cases, i, c) {
        const char *value = unit_json_text(c, "value");
        json_t *object = json_pack("{s:s,s:s}", "_", "userEmpty", "id", value), *tree = NULL;
        struct fault fault = {0};
        struct buf out, text;
        buf_init(&out, 64);
        buf_init(&text, 256);
        encode_any(s, object, value, &out);
        int64_t raw;
        memcpy(&raw, out.data + 4, 8);
        ck_assert_int_eq((int64_t)le64toh((uint64_t)raw), strtoll(value, NULL, 10));
        ck_assert_int_eq(tl_tree_object(s, out.data, out.len, &tree, NULL, &fault), 0);
        ck_assert(json_equal(tree, object));
        ck_assert_int_eq(tl_text_object(s, out.data, out.len, &text, NULL, &fault), 0);
        char want[128];
        snprintf(want, sizeof(want), "{\"_\":\"userEmpty\",\"id\":\"%s\"}", value);
        ck_assert_str_eq(buf_text(&text), want);
        json_decref(tree);
        json_decref(object);
        buf_fini(&out);
        buf_fini(&text);
    }
    json_decref(cases);
}
END_TEST

/* N textBold around a textPlain. */
static json_t *nested_text(size_t n)
{
    json_t *j = json_of("{'_':'textPlain','text':'x'}");

    for (size_t i = 0; i < n; i++)
        j = json_pack("{s:s,s:o}", "_", "textBold", "text", j);
    return j;
}

START_TEST(objects_nest_up_to_the_limit_and_no_deeper)
{
    const struct tl_schema *s = shipped("layer-138");
    json_t *fits = nested_text(LIMIT_TL_DEPTH - 1), *too_deep = nested_text(LIMIT_TL_DEPTH), *tree = NULL;
    struct fault fault = {0};
    struct buf out, text;

    buf_init(&out, 1 << 20);
    buf_init(&text, 1 << 20);
    encode_any(s, fits, "fits", &out);
    ck_assert_int_eq(tl_tree_object(s, out.data, out.len, &tree, NULL, &fault), 0);
    ck_assert(json_equal(tree, fits));
    /* One more around the bytes that still fitted. */
    struct buf deeper;
    buf_init(&deeper, 1 << 20);
    buf_put(&deeper, out.data, 4);
    buf_put(&deeper, out.data, out.len);
    ck_assert_int_eq(tl_text_object(s, deeper.data, deeper.len, &text, NULL, &fault), TGC_ELIMIT);
    ck_assert_uint_eq(text.len, 0);
    buf_reset(&out);
    ck_assert_int_eq(tl_encode_object(s, too_deep, TL_ENCODE_STRICT, &out, &fault), TGC_ELIMIT);
    ck_assert_uint_gt(strlen(fault.path), 200);
    json_decref(tree);
    json_decref(fits);
    json_decref(too_deep);
    buf_fini(&out);
    buf_fini(&text);
    buf_fini(&deeper);
}
END_TEST

START_TEST(the_buffers_maximum_bounds_what_is_encoded)
{
    const struct tl_schema *s = shipped("layer-138");
    json_t *j = json_of("{'_':'userEmpty','id':'1'}");
    struct fault fault = {0};

    for (size_t max = 0; max <= 12; max++) {
        struct buf out;
        buf_init(&out, max);
        ck_assert_int_eq(tl_encode_object(s, j, TL_ENCODE_STRICT, &out, &fault), max < 12 ? TGC_ELIMIT : 0);
        ck_assert(max == 12 || fault.text[0]);
        buf_fini(&out);
    }
    json_decref(j);
}
END_TEST

START_TEST(what_stood_in_the_buffer_stays)
{
    const struct tl_schema *s = shipped("layer-138");
    json_t *good = json_of("{'_':'userEmpty','id':'1'}"), *bad = json_of("{'_':'userEmpty','id':'x'}");
    struct fault fault = {0};
    struct buf out;

    buf_init(&out, 64);
    buf_put_text(&out, "abcd");
    ck_assert_int_eq(tl_encode_object(s, good, TL_ENCODE_STRICT, &out, &fault), 0);
    ck_assert_uint_eq(out.len, 16);
    ck_assert_int_eq(tl_encode_object(s, bad, TL_ENCODE_STRICT, &out, &fault), TGC_EINVAL);
    ck_assert_uint_ge(out.len, 16);
    ck_assert_mem_eq(out.data, "abcd\x7a\x4b\xbc\xd3", 8);
    json_decref(good);
    json_decref(bad);
    buf_fini(&out);
}
END_TEST

START_TEST(a_null_fault_is_fine)
{
    const struct tl_schema *s = shipped("layer-138");
    json_t *bad = json_of("{'_':'userEmpty','id':'x','more':[]}");
    struct buf out;

    buf_init(&out, 64);
    ck_assert_int_eq(tl_encode_object(s, bad, TL_ENCODE_STRICT, &out, NULL), TGC_EINVAL);
    ck_assert_int_eq(tl_text_object(s, "abc", 3, &out, NULL, NULL), TGC_ETRUNCATED);
    json_decref(bad);
    buf_fini(&out);
}
END_TEST

Suite *suite_encode(void)
{
    Suite *s = suite_create("encode");
    TCase *t = tcase_create("encode");

    tcase_add_test(t, json_that_does_not_fit_is_refused_with_its_place);
    tcase_add_test(t, one_value_may_be_said_in_several_ways);
    tcase_add_test(t, a_false_bool_that_is_optional_is_not_an_absent_one);
    tcase_add_test(t, lenient_drops_what_the_layer_lacks_and_nothing_else);
    tcase_add_test(t, every_64_bit_integer_goes_through_unchanged);
    tcase_add_test(t, objects_nest_up_to_the_limit_and_no_deeper);
    tcase_add_test(t, the_buffers_maximum_bounds_what_is_encoded);
    tcase_add_test(t, what_stood_in_the_buffer_stays);
    tcase_add_test(t, a_null_fault_is_fine);
    suite_add_tcase(s, t);
    return s;
}
