#include "tests/support/unit.h"
#include "tests/unit/api/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/guard.h"
#include "api/query.h"
#include "api/target.h"

static const struct {
    const char *raw;
    size_t count;
    const char *first, *last, *query;
} good[] = {
    {"/", 0, NULL, NULL, NULL},
    {"/a", 1, "a", "a", NULL},
    {"/a/", 2, "a", "", NULL},
    {"//a", 2, "", "a", NULL},
    {"/v1/peers/t.me%2Fname", 3, "v1", "t.me/name", NULL},
    {"/v1/peers/%2525", 3, "v1", "%25", NULL},
    {"/v1/p/%C3%A4+b", 3, "v1", "\xc3\xa4+b", NULL},
    {"/a?x=%41&y", 1, "a", "a", "x=%41&y"},
    {"/a?", 1, "a", "a", ""},
    {"/?/b", 0, NULL, NULL, "/b"},
    {"/1/2/3/4/5/6/7/8", 8, "1", "8", NULL},
    {"/1/2/3/4/5/6/7/8/9/10", 9, "1", NULL, NULL},
    {"http://h:1/a/b", 2, "a", "b", NULL},
    {"http://h", 0, NULL, NULL, NULL},
    {"https://h?x/y", 0, NULL, NULL, "x/y"},
    {"http://", 0, NULL, NULL, NULL},
    {"http://?", 0, NULL, NULL, ""},
    {"http:///a", 1, "a", "a", NULL},
};

START_TEST(a_target_is_split_before_it_is_decoded)
{
    char raw[256];
    struct target t;

    snprintf(raw, sizeof(raw), "%s", good[_i].raw);
    ck_assert_int_eq(target_parse(raw, &t, NULL), 0);
    ck_assert_uint_eq(t.count, good[_i].count);
    if (good[_i].first)
        ck_assert_str_eq(t.segments[0], good[_i].first);
    if (good[_i].last)
        ck_assert_str_eq(t.segments[t.count - 1], good[_i].last);
    ck_assert_pstr_eq(t.query, good[_i].query);
}
END_TEST

static const char *const bad[] = {"",       "*",    "a/b",  "/%",    "/%4",        "/%zz",
                                  "/a%00b", "/%ff", "/%c3", "/\xff", "/%ED%A0%80", "/a/%%41"};

START_TEST(a_bad_escape_is_refused)
{
    char raw[64];
    struct target t;
    struct fault fault = {0};

    snprintf(raw, sizeof(raw), "%s", bad[_i]);
    ck_assert_int_eq(target_parse(raw, &t, &fault), TGC_ESYNTAX);
    ck_assert_str_ne(fault.text, "");
}
END_TEST

START_TEST(an_absolute_target_needs_no_path)
{
    char raw[] = "https://h:2?c";
    struct target t;

    ck_assert_int_eq(target_parse(raw, &t, NULL), 0);
    ck_assert_str_eq(t.authority, "h:2");
    ck_assert_uint_eq(t.count, 0);
    ck_assert_str_eq(t.query, "c");
}
END_TEST

START_TEST(an_absolute_target_names_its_host)
{
    char raw[] = "HTTP://Host.example:80/a/b?c";
    struct target t;

    ck_assert_int_eq(target_parse(raw, &t, NULL), 0);
    ck_assert_str_eq(t.authority, "Host.example:80");
    ck_assert_str_eq(t.segments[1], "b");
    ck_assert_str_eq(t.query, "c");
}
END_TEST

static const struct {
    const char *text, *host; /* NULL: not a host */
} hosts[] = {
    {"localhost", "localhost"},
    {"localhost:80", "localhost"},
    {"[::1]", "::1"},
    {"[::1]:80", "::1"},
    {"127.0.0.1:", "127.0.0.1"},
    {"", NULL},
    {":80", NULL},
    {"[::1", NULL},
    {"a:b", NULL},
    {"[::1]x", NULL},
    {"[]", NULL},
};

START_TEST(a_host_is_read_without_its_port)
{
    char host[GUARD_HOST_SIZE];

    ck_assert_int_eq(guard_host_parse(hosts[_i].text, host), hosts[_i].host != NULL);
    if (hosts[_i].host)
        ck_assert_str_eq(host, hosts[_i].host);
}
END_TEST

static const struct field spec[] = {
    {.name = "limit", .type = FIELD_INTEGER, .min = 1, .max = 10},
    {.name = "account", .type = FIELD_ACCOUNT},
    {.name = "cursor", .type = FIELD_STRING, .min = 1, .max = 5},
    {.name = NULL},
};

static const struct {
    const char *raw;
    int err;
    unsigned faults;
    const char *json;
} queries[] = {
    {NULL, 0, 0, "{}"},
    {"", 0, 0, "{}"},
    {"&&", 0, 0, "{}"},
    {"limit=5&account=a", 0, 0, "{\"account\":\"a\",\"limit\":5}"},
    {"cursor=12", 0, 0, "{\"cursor\":\"12\"}"},
    {"c%75rsor=%26+%3D", 0, 0, "{\"cursor\":\"&+=\"}"},
    {"limit=x", 0, 1, NULL},
    {"limit=05", 0, 1, NULL},
    {"limit=11", 0, 1, NULL},
    {"limit", 0, 1, NULL},
    {"limit=1&limit=1", 0, 1, NULL},
    {"other=1&account=A&cursor=123456", 0, 3, NULL},
    {"cursor=%zz", TGC_ESYNTAX, 0, NULL},
    {"cursor=%00", TGC_ESYNTAX, 0, NULL},
};

START_TEST(a_query_is_judged_like_a_body)
{
    char raw[64];
    struct faults faults = {0};
    json_t *o = json_object();

    snprintf(raw, sizeof(raw), "%s", queries[_i].raw ? queries[_i].raw : "");
    ck_assert_int_eq(query_check(spec, queries[_i].raw ? raw : NULL, o, &faults, NULL), queries[_i].err);
    ck_assert_uint_eq(faults.count, queries[_i].faults);
    if (queries[_i].json) {
        char *text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
        ck_assert_str_eq(text, queries[_i].json);
        free(text);
    }
    problem_free(faults.problem);
    json_decref(o);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

Suite *suite_target(void)
{
    Suite *s = suite_create("target");
    TCase *t = tcase_create("target");

    tcase_add_loop_test(t, a_target_is_split_before_it_is_decoded, 0, COUNT(good));
    tcase_add_loop_test(t, a_bad_escape_is_refused, 0, COUNT(bad));
    tcase_add_test(t, an_absolute_target_needs_no_path);
    tcase_add_test(t, an_absolute_target_names_its_host);
    tcase_add_loop_test(t, a_host_is_read_without_its_port, 0, COUNT(hosts));
    tcase_add_loop_test(t, a_query_is_judged_like_a_body, 0, COUNT(queries));
    suite_add_tcase(s, t);
    return s;
}
