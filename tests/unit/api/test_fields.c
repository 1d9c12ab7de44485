#include "tests/support/unit.h"
#include "tests/unit/api/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/body.h"
#include "api/fields.h"

static const char *const colours[] = {"red", "green", NULL};

static const struct field inner[] = {
    {.name = "s", .type = FIELD_STRING, .required = true, .min = 1, .max = 4},
    {.name = "l", .type = FIELD_LONG, .min = 0, .max = 9},
    {.name = NULL},
};

static const struct field spec[] = {
    {.name = "s", .type = FIELD_STRING, .min = 1, .max = 4},
    {.name = "i", .type = FIELD_INTEGER, .min = -1, .max = 10},
    {.name = "l", .type = FIELD_LONG, .min = 0, .max = INT64_MAX},
    {.name = "b", .type = FIELD_BOOL},
    {.name = "e", .type = FIELD_ENUM, .choices = colours},
    {.name = "t", .type = FIELD_TIME},
    {.name = "p", .type = FIELD_PEER},
    {.name = "r", .type = FIELD_RANDOM},
    {.name = "a", .type = FIELD_ACCOUNT},
    {.name = "o", .type = FIELD_OBJECT, .members = inner},
    {.name = "x", .type = FIELD_PROXY},
    {.name = "n", .type = FIELD_PROXY, .null_counts = true},
    {.name = "w", .type = FIELD_BOOL, .instead = "b"},
    {.name = "with", .type = FIELD_BOOL, .needs = "t"},
    {.name = NULL},
};

/* in → out (NULL: one fault, at pointer) */
static const struct {
    const char *in, *out, *pointer;
} cases[] = {
    {"{}", "{}", NULL},
    {"{\"with\":true,\"t\":5}", "{\"with\":true,\"t\":5}", NULL},
    {"{\"with\":false}", "{\"with\":false}", NULL},
    {"{\"with\":true}", NULL, "/with"},
    {"{\"with\":true,\"t\":null}", NULL, "/with"},
    {"{\"s\":\"abcd\"}", "{\"s\":\"abcd\"}", NULL},
    {"{\"s\":\"\\u00e4\\u00f6\\ud83d\\ude00x\"}", "{\"s\":\"\\u00e4\\u00f6\\ud83d\\ude00x\"}", NULL},
    {"{\"s\":\"a\\u0000b\"}", "{\"s\":\"a\\u0000b\"}", NULL},
    {"{\"s\":\"abcde\"}", NULL, "/s"},
    {"{\"s\":\"\"}", NULL, "/s"},
    {"{\"s\":1}", NULL, "/s"},
    {"{\"s\":null}", "{}", NULL},
    {"{\"o\":{\"s\":\"x\",\"l\":\"7\"}}", "{\"o\":{\"s\":\"x\",\"l\":7}}", NULL},
    {"{\"o\":null}", "{}", NULL},
    {"{\"o\":{}}", NULL, "/o/s"},
    {"{\"o\":{\"s\":\"x\",\"l\":10}}", NULL, "/o/l"},
    {"{\"o\":{\"s\":\"x\",\"z\":1}}", NULL, "/o/z"},
    {"{\"o\":\"x\"}", NULL, "/o"},
    {"{\"x\":\"none\"}", "{\"x\":\"none\"}", NULL},
    {"{\"x\":\"socks5://u:p@h:1\"}", "{\"x\":\"socks5://u:p@h:1\"}", NULL},
    {"{\"x\":null}", "{}", NULL},
    {"{\"n\":null}", "{\"n\":null}", NULL},
    {"{\"n\":\"None\"}", NULL, "/n"},
    {"{\"x\":\"\"}", NULL, "/x"},
    {"{\"x\":\"socks5://u:p@h\"}", NULL, "/x"},
    {"{\"x\":\"none\\u0000\"}", NULL, "/x"},
    {"{\"x\":5}", NULL, "/x"},
    {"{\"i\":-1}", "{\"i\":-1}", NULL},
    {"{\"i\":11}", NULL, "/i"},
    {"{\"i\":1.0}", NULL, "/i"},
    {"{\"i\":\"1\"}", NULL, "/i"},
    {"{\"l\":\"9223372036854775807\"}", "{\"l\":9223372036854775807}", NULL},
    {"{\"l\":9007199254740993}", "{\"l\":9007199254740993}", NULL},
    {"{\"l\":\"9223372036854775808\"}", NULL, "/l"},
    {"{\"l\":\"-1\"}", NULL, "/l"},
    {"{\"l\":\"1x\"}", NULL, "/l"},
    {"{\"l\":\"1\\u0000\"}", NULL, "/l"},
    {"{\"l\":1e3}", NULL, "/l"},
    {"{\"b\":true}", "{\"b\":true}", NULL},
    {"{\"b\":1}", NULL, "/b"},
    {"{\"e\":\"green\"}", "{\"e\":\"green\"}", NULL},
    {"{\"e\":\"blue\"}", NULL, "/e"},
    {"{\"e\":\"red\\u0000\"}", NULL, "/e"},
    {"{\"t\":1}", "{\"t\":1}", NULL},
    {"{\"t\":2147483647}", "{\"t\":2147483647}", NULL},
    {"{\"t\":2147483648}", NULL, "/t"},
    {"{\"t\":0}", NULL, "/t"},
    {"{\"t\":\"1970-01-01T01:00:10+01:00\"}", "{\"t\":10}", NULL},
    {"{\"t\":\"2038-01-19T03:14:08Z\"}", NULL, "/t"},
    {"{\"t\":\"tomorrow\"}", NULL, "/t"},
    {"{\"t\":\"10\"}", NULL, "/t"},
    {"{\"p\":\"@sandbox_group\"}", "{\"p\":\"@sandbox_group\"}", NULL},
    {"{\"p\":-1001234567890}", "{\"p\":-1001234567890}", NULL},
    {"{\"p\":{\"_\":\"inputPeerSelf\"}}", "{\"p\":{\"_\":\"inputPeerSelf\"}}", NULL},
    {"{\"p\":{\"_\":\"peerChannel\",\"channel_id\":\"5\"}}", "{\"p\":{\"_\":\"peerChannel\",\"channel_id\":\"5\"}}",
     NULL},
    {"{\"p\":{\"_\":\"channel\"}}", NULL, "/p"},
    {"{\"p\":{\"_\":\"inputChannel\"}}", NULL, "/p"},
    {"{\"p\":{\"_\":\"peer\\u0000\"}}", NULL, "/p"},
    {"{\"p\":{}}", NULL, "/p"},
    {"{\"p\":0}", NULL, "/p"},
    {"{\"p\":\"no peer!\"}", NULL, "/p"},
    {"{\"p\":\"me\\u0000\"}", NULL, "/p"},
    {"{\"p\":[]}", NULL, "/p"},
    {"{\"r\":\"-2147483648\"}", "{\"r\":-2147483648}", NULL},
    {"{\"r\":2147483647}", "{\"r\":2147483647}", NULL},
    {"{\"r\":2147483648}", NULL, "/r"},
    {"{\"r\":0}", NULL, "/r"},
    {"{\"r\":\"0\"}", NULL, "/r"},
    {"{\"r\":\"-0\"}", NULL, "/r"},
    {"{\"r\":true}", NULL, "/r"},
    {"{\"a\":\"a_b-9\"}", "{\"a\":\"a_b-9\"}", NULL},
    {"{\"a\":\"a2345678901234567890123456789012\"}", "{\"a\":\"a2345678901234567890123456789012\"}", NULL},
    {"{\"a\":\"a23456789012345678901234567890123\"}", NULL, "/a"},
    {"{\"a\":\"_a\"}", NULL, "/a"},
    {"{\"a\":\"A\"}", NULL, "/a"},
    {"{\"a\":\"\"}", NULL, "/a"},
    {"{\"w\":true,\"b\":false}", "{\"w\":true,\"b\":false}", NULL},
    {"{\"w\":null,\"b\":true}", "{\"b\":true}", NULL},
    {"{\"w\":false,\"b\":true}", NULL, "/w"},
    {"{\"x~y/z\":1}", NULL, "/x~0y~1z"},
    {"{\"\":1}", NULL, "/"},
};

static json_t *load(const char *text)
{
    json_t *o = json_loads(text, JSON_ALLOW_NUL, NULL);

    ck_assert_msg(o != NULL, "%s", text);
    return o;
}

static json_t *errors_of(const struct faults *faults, json_t **ret_problem)
{
    struct buf text;

    buf_init(&text, 1 << 20);
    ck_assert_int_eq(problem_text(faults->problem, NULL, &text), 0);
    *ret_problem = json_loadb((const char *)text.data, text.len, 0, NULL);
    buf_fini(&text);
    return json_object_get(*ret_problem, "errors");
}

START_TEST(each_kind_of_member_has_its_values)
{
    struct faults faults = {0};
    json_t *o = load(cases[_i].in), *problem;

    fields_check(spec, o, &faults);
    ck_assert_msg(faults.found == !cases[_i].out, "%s", cases[_i].in);
    if (cases[_i].out) {
        char *text = json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII);
        json_t *expected = load(cases[_i].out);
        ck_assert_msg(json_equal(o, expected), "%s: %s", cases[_i].in, text);
        json_decref(expected);
        free(text);
    } else {
        json_t *errors = errors_of(&faults, &problem);
        ck_assert_uint_eq(json_array_size(errors), 1);
        ck_assert_str_eq(unit_json_text(json_array_get(errors, 0), "pointer"), cases[_i].pointer);
        ck_assert_str_ne(unit_json_text(json_array_get(errors, 0), "detail"), "");
        json_decref(problem);
    }
    problem_free(faults.problem);
    json_decref(o);
}
END_TEST

START_TEST(all_faults_are_told_at_once)
{
    static const struct field two[] = {
        {.name = "a", .type = FIELD_ACCOUNT, .required = true},
        {.name = "b", .type = FIELD_BOOL, .required = true},
        {.name = "c", .type = FIELD_BOOL},
        {.name = NULL},
    };
    struct faults faults = {0};
    json_t *o = load("{\"a\":null,\"c\":3,\"d\":4}"), *problem;

    fields_check(two, o, &faults);
    ck_assert_uint_eq(faults.count, 4);
    ck_assert_uint_eq(json_array_size(errors_of(&faults, &problem)), 4);
    json_decref(problem);
    problem_free(faults.problem);
    json_decref(o);
    ck_assert(!fields_all_optional(two));
    ck_assert(fields_all_optional(spec));
}
END_TEST

START_TEST(what_has_another_in_its_place_is_not_missing)
{
    static const struct field either[] = {
        {.name = "one", .type = FIELD_BOOL, .required = true, .instead = "other"},
        {.name = "other", .type = FIELD_BOOL},
        {.name = NULL},
    };
    static const char *const in[] = {"{\"other\":true}", "{\"one\":false}", "{\"other\":false}", "{}"};

    for (size_t i = 0; i < 4; i++) {
        struct faults faults = {0};
        json_t *o = load(in[i]);
        fields_check(either, o, &faults);
        ck_assert_msg(faults.found == (i >= 2), "%s", in[i]);
        problem_free(faults.problem);
        json_decref(o);
    }
}
END_TEST

START_TEST(a_flood_of_faults_is_cut)
{
    struct faults faults = {0};
    json_t *o = json_object(), *problem;
    char name[16];

    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "x%d", i);
        json_object_set_new(o, name, json_true());
    }
    fields_check(spec, o, &faults);
    ck_assert_uint_eq(faults.count, 1000);
    ck_assert_uint_le(json_array_size(errors_of(&faults, &problem)), 50);
    json_decref(problem);
    problem_free(faults.problem);
    json_decref(o);
}
END_TEST

static const struct {
    const char *type;
    bool json;
} types[] = {
    {"application/json", true},
    {"Application/JSON; Charset=UTF-8", true},
    {"application/json;charset=\"utf-8\"", true},
    {"application/json ; x=y", true},
    {"application/json; charset=latin1", false},
    {"application/jsonp", false},
    {"application/json-patch+json", false},
    {"text/json", false},
    {"", false},
    {NULL, false},
};

START_TEST(only_json_is_json)
{
    ck_assert_int_eq(body_is_json_type(types[_i].type), types[_i].json);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

Suite *suite_fields(void)
{
    Suite *s = suite_create("fields");
    TCase *t = tcase_create("fields");

    tcase_add_loop_test(t, each_kind_of_member_has_its_values, 0, COUNT(cases));
    tcase_add_test(t, all_faults_are_told_at_once);
    tcase_add_test(t, what_has_another_in_its_place_is_not_missing);
    tcase_add_test(t, a_flood_of_faults_is_cut);
    tcase_add_loop_test(t, only_json_is_json, 0, COUNT(types));
    suite_add_tcase(s, t);
    return s;
}
