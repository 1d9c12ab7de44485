#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/base/crc32.h"
#include "daemon/base/limits.h"
#include "daemon/tl/ident.h"
#include "daemon/tl/parse.h"
#include "tests/support/unit.h"
#include "tests/unit/tl/suites.h"
#include "tests/unit/tl/support.h"

static const char *const layers[] = {"layer-138", "layer-229"};

START_TEST(a_shipped_layer_loads_and_every_id_is_its_crc32)
{
    const char *name = layers[_i];
    const struct tl_comb *first = NULL;
    struct timespec a, b;
    size_t n;

    clock_gettime(CLOCK_MONOTONIC, &a);
    const struct tl_schema *s = shipped(name);
    clock_gettime(CLOCK_MONOTONIC, &b);
    tl_schema_combs(s, &n);
    printf("# %s: %zu combinators in %.2f ms, %zu bytes of tables\n", name, n,
           (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6, tl_schema_size(s));
    fflush(stdout);
    ck_assert_int_eq(tl_schema_layer(s), _i == 0 ? 138 : 229);
    ck_assert_uint_eq(tl_schema_mismatches(s, &first), 0);
    ck_assert_uint_eq(n, _i == 0 ? 1367 : 2487);
}
END_TEST

START_TEST(both_layers_fit_into_their_share_of_memory)
{
    ck_assert_uint_lt(tl_schema_size(shipped(layers[0])) + tl_schema_size(shipped(layers[1])), 2500000);
}
END_TEST

START_TEST(every_id_of_mtproto_is_its_crc32)
{
    size_t n;

    tl_schema_combs(shipped("mtproto"), &n);
    ck_assert_uint_eq(n, 51);
    ck_assert_uint_eq(tl_schema_mismatches(shipped("mtproto"), NULL), 0);
    ck_assert_int_eq(tl_schema_layer(shipped("mtproto")), 0);
}
END_TEST

START_TEST(ids_are_the_crc32_of_the_known_declarations)
{
    static const char *const all[] = {"layer-138", "layer-229", "mtproto"};
    json_t *cases = unit_load_json("tl/valid/crc32.json"), *c;
    size_t i, found = 0;

    json_array_foreach (cases, i, c) {
        const char *text = unit_json_text(c, "text"), *name = unit_json_text(c, "name");
        uint32_t id = (uint32_t)strtoul(unit_json_text(c, "id"), NULL, 16);
        ck_assert_msg(crc32_of(text, strlen(text)) == id, "%s", name);
        for (size_t k = 0; k < 3; k++) {
            const struct tl_comb *comb = tl_find_constructor_name(shipped(all[k]), name);
            comb = comb ? comb : tl_find_method(shipped(all[k]), name);
            found += comb && comb->id == id && comb->crc32 == id;
        }
    }
    ck_assert_uint_ge(i, 90);
    ck_assert_uint_ge(found, 100);
    json_decref(cases);
}
END_TEST

START_TEST(the_normal_form_of_a_declaration_is_that_of_the_rule)
{
    static const char *const cases[][2] = {
        {"a#12 = A", "a = A"},
        {"a = A", "a = A"},
        {"a#12 flags:# x:flags.1?true y:flags.0?bytes = A", "a flags:# y:flags.0?string = A"},
        {"a#12 bytes:bytes b:Vector<bytes> = A", "a bytes:string b:Vector bytes = A"},
        {"a#12 x:true bytes:int = A", "a x:true bytes:int = A"},
        {"a#12\tx:Vector<Vector<int>>\n  = Vector<A>", "a x:Vector Vector int = Vector A"},
        {"vector#1cb5c415 {t:Type} # [ t ] = Vector t", "vector t:Type # [ t ] = Vector t"},
        {"a#12 // a comment\n /* and another */ x:!X = X", "a x:!X = X"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out;
        buf_init(&out, 256);
        tl_ident_normalise(cases[i][0], cases[i][0] + strlen(cases[i][0]), &out);
        ck_assert_str_eq(buf_text(&out), cases[i][1]);
        buf_fini(&out);
    }
}
END_TEST

START_TEST(faulty_text_is_refused_with_line_and_column)
{
    json_t *cases = unit_load_json("tl/invalid/schema.json"), *c;
    size_t i;

    json_array_foreach (cases, i, c) {
        const json_t *text = json_object_get(c, "text");
        const char *name = unit_json_text(c, "name");
        struct tl_schema *s = NULL;
        struct fault fault = {0};
        int err = tl_schema_parse(json_string_value(text), json_string_length(text), name, &s, &fault);
        ck_assert_msg(err == err_by_name(unit_json_text(c, "err")), "%s: %d, %u:%u %s", name, err, fault.line,
                      fault.column, fault.text);
        ck_assert_ptr_null(s);
        ck_assert_msg(fault.line == json_integer_value(json_object_get(c, "line")) &&
                          fault.column == json_integer_value(json_object_get(c, "column")),
                      "%s: %u:%u %s", name, fault.line, fault.column, fault.text);
        ck_assert_msg(strstr(fault.text, unit_json_text(c, "says")) != NULL, "%s: %s", name, fault.text);
    }
    ck_assert_uint_ge(i, 40);
    json_decref(cases);
}
END_TEST

static struct tl_schema *parsed(const char *text, size_t len)
{
    struct tl_schema *s = NULL;
    struct fault fault = {0};

    ck_assert_msg(tl_schema_parse(text, len, "test", &s, &fault) == 0, "%u:%u %s", fault.line, fault.column,
                  fault.text);
    return s;
}

START_TEST(a_method_and_its_prefix_share_an_id_which_is_the_methods)
{
    static const char *const texts[] = {
        "error#c4b9f9bb code:int text:string = Error;\n---functions---\n"
        "m#7 {X:Type} a:int query:!X = X;\nmPrefix#7 a:int = Error;\n",
        "error#c4b9f9bb code:int text:string = Error;\n---functions---\n"
        "mPrefix#7 a:int = Error;\nm#7 {X:Type} a:int query:!X = X;\n",
    };

    for (size_t i = 0; i < 2; i++) {
        struct tl_schema *s = parsed(texts[i], strlen(texts[i]));
        ck_assert_str_eq(tl_find_method_id(s, 7)->name, "m");
        ck_assert_ptr_nonnull(tl_find_method(s, "mPrefix"));
        tl_schema_free(s);
    }
}
END_TEST

START_TEST(a_byte_order_mark_is_passed_over_and_utf_16_is_named)
{
    static const char marked[] = "\xef\xbb\xbf// LAYER  190\na#1 = A;", wide[] = "\xff\xfe/\0/\0";
    struct tl_schema *s = parsed(marked, sizeof(marked) - 1);
    struct fault fault = {0};

    ck_assert_int_eq(tl_schema_layer(s), 190);
    tl_schema_free(s);
    ck_assert_int_eq(tl_schema_parse(wide, sizeof(wide) - 1, "wide", &s, &fault), TGC_ESYNTAX);
    ck_assert_ptr_nonnull(strstr(fault.text, "UTF-16"));
}
END_TEST

START_TEST(every_cut_of_a_text_is_refused_or_a_schema)
{
    size_t len;
    char *text = unit_read_file(shipped_path("mtproto"), &len);

    for (size_t cut = 0; cut < len; cut += 7) {
        char *copy = malloc(cut ? cut : 1);
        struct tl_schema *s = NULL;
        struct fault fault = {0};
        memcpy(copy, text, cut);
        int err = tl_schema_parse(copy, cut, "cut", &s, &fault);
        ck_assert((err == 0) == (s != NULL));
        ck_assert(err == 0 || fault.line > 0);
        tl_schema_free(s);
        free(copy);
    }
    free(text);
}
END_TEST

START_TEST(names_and_ids_find_what_was_declared)
{
    const struct tl_schema *s = shipped("layer-229");
    const struct tl_comb *call = tl_find_method(s, "phone.createGroupCall");
    size_t n;

    ck_assert_ptr_nonnull(call);
    ck_assert_ptr_eq(tl_find_method_id(s, 0x48cdc6d8), call);
    ck_assert_ptr_null(tl_find_constructor(s, 0x48cdc6d8));
    ck_assert_ptr_null(tl_find_constructor_name(s, "phone.createGroupCall"));
    ck_assert_ptr_null(tl_find_method(s, "phone.createGroupCal"));
    ck_assert_ptr_null(tl_find_method(s, "phone.creategroupcall"));
    ck_assert_ptr_null(tl_find_method(s, ""));
    ck_assert_ptr_null(tl_find_constructor(s, 0x1cb5c415));
    ck_assert_ptr_null(tl_find_type(s, "Vector"));
    ck_assert(call->is_method && !call->is_generic);
    ck_assert_uint_eq(call->params_n, 6);
    ck_assert_uint_eq(call->flag_words_n, 1);
    ck_assert_uint_eq(call->flags_defined[0], 7);
    ck_assert_int_eq(call->params[0].expr.kind, TL_FLAGS);
    ck_assert_int_eq(call->params[1].expr.kind, TL_TRUE);
    ck_assert_int_eq(call->params[1].flag_word, 0);
    ck_assert_uint_eq(call->params[1].flag_bit, 2);
    ck_assert(!call->params[1].shares_flag);
    ck_assert_int_eq(call->params[2].flag_word, -1);
    ck_assert_ptr_eq(call->params[2].expr.type, tl_find_type(s, "InputPeer"));
    ck_assert_ptr_eq(call->result.type, tl_find_type(s, "Updates"));
    ck_assert(tl_find_method(s, "invokeWithLayer")->is_generic);
    const struct tl_comb *combs = tl_schema_combs(s, &n);
    for (size_t i = 0; i < n; i++) {
        const struct tl_comb *c = &combs[i];
        ck_assert(i == 0 || combs[i - 1].is_method <= c->is_method);
        ck_assert_ptr_eq(c->is_method ? tl_find_method(s, c->name) : tl_find_constructor_name(s, c->name), c);
        ck_assert_ptr_eq(c->is_method ? tl_find_method_id(s, c->id) : tl_find_constructor(s, c->id), c);
    }
}
END_TEST

START_TEST(the_second_flags_word_is_its_own)
{
    const struct tl_comb *user = tl_find_constructor_name(shipped("layer-229"), "user");
    bool seen = false;

    ck_assert_uint_eq(user->flag_words_n, 2);
    for (unsigned i = 0; i < user->params_n; i++) {
        const struct tl_param *p = &user->params[i];
        if (strcmp(p->name, "usernames") != 0)
            continue;
        seen = true;
        ck_assert_str_eq(user->params[p->flag_word].name, "flags2");
        ck_assert_uint_eq(p->flag_slot, 1);
        ck_assert_uint_eq(p->flag_bit, 0);
    }
    ck_assert(seen);
    for (unsigned i = 0; i < user->params_n; i++)
        if (strcmp(user->params[i].name, "bot") == 0 || strcmp(user->params[i].name, "bot_info_version") == 0)
            ck_assert(user->params[i].shares_flag);
}
END_TEST

START_TEST(built_in_lines_comments_and_odd_spaces_are_taken)
{
    struct tl_schema *s = schema_of("/* LAYER 1 */ // LAYER 42\r\n// LAYERS 43\n"
                                    "int ? = Int;\nlong ? = Long;\ndouble ? = Double;\nstring ? = String;\n"
                                    "vector {t:Type} # [ t ] = Vector t;\nint128 4*[ int ] = Int128;\n"
                                    "message msg_id:long seqno:int bytes:int body:Object = Message;\n"
                                    "box#a messages : vector < % Message > = Box; // the end\n"
                                    "---functions---\nm#B = Vector<Message>;\n---types---\nlast#c=Last;");
    const struct tl_comb *message = tl_find_constructor_name(s, "message");
    const struct tl_comb *box = tl_find_constructor(s, 10);
    size_t n;

    tl_schema_combs(s, &n);
    ck_assert_uint_eq(n, 4);
    ck_assert_int_eq(tl_schema_layer(s), 42);
    ck_assert_str_eq(tl_schema_name(s), "test");
    ck_assert_uint_eq(message->id, 0x5bb8e511); /* not declared: computed */
    ck_assert_int_eq(message->params[3].expr.kind, TL_ANY);
    ck_assert_int_eq(box->params[0].expr.kind, TL_BARE_VECTOR);
    ck_assert_int_eq(box->params[0].expr.item->kind, TL_BARE);
    ck_assert_ptr_eq(box->params[0].expr.item->comb, message);
    ck_assert_int_eq(tl_find_method_id(s, 11)->result.kind, TL_VECTOR);
    ck_assert_uint_eq(tl_find_constructor(s, 12)->line, 14);
    tl_schema_free(s);
}
END_TEST

START_TEST(an_empty_text_is_an_empty_schema)
{
    struct tl_schema *s = schema_of("");
    size_t n;

    tl_schema_combs(s, &n);
    ck_assert_uint_eq(n, 0);
    ck_assert_ptr_null(tl_find_constructor(s, 1));
    ck_assert_ptr_null(tl_find_type(s, "A"));
    tl_schema_free(s);
}
END_TEST

START_TEST(limits_of_the_text_hold)
{
    char text[1024], name[TL_NAME_MAX + 2];
    struct tl_schema *s = NULL;
    struct fault fault = {0};

    memset(name, 'a', sizeof(name));
    snprintf(text, sizeof(text), "%.*s#1 = A;", TL_NAME_MAX, name);
    ck_assert_int_eq(tl_schema_parse(text, strlen(text), "t", &s, &fault), 0);
    tl_schema_free(s);
    snprintf(text, sizeof(text), "%.*s#1 = A;", TL_NAME_MAX + 1, name);
    ck_assert_int_eq(tl_schema_parse(text, strlen(text), "t", &s, &fault), TGC_ELIMIT);

    char *big = calloc(1, LIMIT_SCHEMA_TEXT + 1);
    memset(big, ' ', LIMIT_SCHEMA_TEXT + 1);
    ck_assert_int_eq(tl_schema_parse(big, LIMIT_SCHEMA_TEXT + 1, "t", &s, &fault), TGC_ELIMIT);
    size_t at = (size_t)sprintf(big, "a#1");
    for (int i = 0; i <= TL_PARAMS_MAX; i++)
        at += (size_t)sprintf(big + at, " p%d:int", i);
    at += (size_t)sprintf(big + at, " = A;");
    ck_assert_int_eq(tl_schema_parse(big, at, "t", &s, &fault), TGC_ELIMIT);
    free(big);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_said_to_be_so)
{
    struct tl_schema *s = NULL;
    struct fault fault = {0};

    ck_assert_int_eq(tl_schema_read("/nonexistent/layer.tl", &s, &fault), TGC_EIO);
    ck_assert_ptr_nonnull(strstr(fault.text, "/nonexistent/layer.tl"));
    ck_assert_int_eq(tl_schema_read("/", &s, &fault), TGC_EIO);
    ck_assert_ptr_null(s);
    tl_schema_free(NULL);
}
END_TEST

Suite *suite_schema(void)
{
    Suite *s = suite_create("schema");
    TCase *t = tcase_create("schema");

    tcase_add_loop_test(t, a_shipped_layer_loads_and_every_id_is_its_crc32, 0, 2);
    tcase_add_test(t, both_layers_fit_into_their_share_of_memory);
    tcase_add_test(t, every_id_of_mtproto_is_its_crc32);
    tcase_add_test(t, ids_are_the_crc32_of_the_known_declarations);
    tcase_add_test(t, the_normal_form_of_a_declaration_is_that_of_the_rule);
    tcase_add_test(t, faulty_text_is_refused_with_line_and_column);
    tcase_add_test(t, a_method_and_its_prefix_share_an_id_which_is_the_methods);
    tcase_add_test(t, a_byte_order_mark_is_passed_over_and_utf_16_is_named);
    tcase_add_test(t, every_cut_of_a_text_is_refused_or_a_schema);
    tcase_add_test(t, names_and_ids_find_what_was_declared);
    tcase_add_test(t, the_second_flags_word_is_its_own);
    tcase_add_test(t, built_in_lines_comments_and_odd_spaces_are_taken);
    tcase_add_test(t, an_empty_text_is_an_empty_schema);
    tcase_add_test(t, limits_of_the_text_hold);
    tcase_add_test(t, a_file_that_cannot_be_read_is_said_to_be_so);
    suite_add_tcase(s, t);
    return s;
}
