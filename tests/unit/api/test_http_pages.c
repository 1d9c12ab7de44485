/* The dashboard's files: which are served, as what, with which headers, and when not again. */
#include "tests/unit/api/fixture.h"
#include "tests/unit/api/suites.h"

#include <stdio.h>
#include <string.h>

#include "api/page.h"

static const struct {
    const char *name, *type;
} names[] = {
    {"index.html", "text/html; charset=utf-8"},
    {"view_calls.js", "text/javascript; charset=utf-8"},
    {"style.css", "text/css; charset=utf-8"},
    {"icon.svg", "image/svg+xml"},
    {".js", NULL},
    {"", NULL},
    {"index", NULL},
    {"index.html~", NULL},
    {"a.b.js", NULL},
    {"../index.html", NULL},
    {"Index.html", NULL},
    {"notes.txt", NULL},
    {"a_name_that_is_longer_than_any_that_the_dashboard_has_by_a_good_deal.js", NULL},
};

START_TEST(a_name_says_what_a_file_is)
{
    const char *type = page_type(names[_i].name);

    ck_assert_msg((type != NULL) == (names[_i].type != NULL), "%s", names[_i].name);
    if (type)
        ck_assert_str_eq(type, names[_i].type);
}
END_TEST

static const struct {
    const char *given;
    bool is_known;
} matches[] = {
    {NULL, false},
    {"", false},
    {"\"abc\"", true},
    {"W/\"abc\"", true},
    {"*", true},
    {"\"x\", \"abc\"", true},
    {"\"abc\",\"x\"", true},
    {" , \"x\" ,W/\"abc\" ", true},
    {"\"abcd\"", false},
    {"abc", false},
    {"\"ab", false},
    {"\"abc\"d", false},
    {"\"x\",", false},
    {"W/", false},
};

START_TEST(a_tag_is_found_among_those_that_a_client_has)
{
    ck_assert_msg(page_is_known(matches[_i].given, "\"abc\"") == matches[_i].is_known, "%s", matches[_i].given);
}
END_TEST

static void expect_page_headers(const struct response *r, const char *etag)
{
    ck_assert_str_eq(response_header(r, "ETag"), etag);
    ck_assert_str_eq(response_header(r, "Cache-Control"), "no-cache");
    ck_assert_str_eq(response_header(r, "X-Content-Type-Options"), "nosniff");
    ck_assert_str_eq(response_header(r, "Referrer-Policy"), "no-referrer");
    ck_assert_ptr_null(response_header(r, "Set-Cookie"));
    ck_assert_ptr_nonnull(response_header(r, "X-Request-Id"));
    const char *policy = response_header(r, "Content-Security-Policy");
    ck_assert_ptr_nonnull(policy);
    ck_assert_ptr_nonnull(strstr(policy, "default-src 'none'"));
    ck_assert_ptr_nonnull(strstr(policy, "script-src 'self'"));
    ck_assert_ptr_nonnull(strstr(policy, "frame-ancestors 'none'"));
    ck_assert_ptr_null(strstr(policy, "unsafe"));
}

START_TEST(whoever_asks_gets_the_page)
{
    struct response r = ask_unknown("GET", "/", "", NULL);

    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(r.body, "<!DOCTYPE html>");
    ck_assert_str_eq(response_header(&r, "Content-Type"), "text/html; charset=utf-8");
    expect_page_headers(&r, "\"one\"");
    response_fini(&r);
    r = ask_unknown("GET", "/dashboard/app.js", "", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(r.body, "let a = 1;\n");
    ck_assert_str_eq(response_header(&r, "Content-Type"), "text/javascript; charset=utf-8");
    expect_page_headers(&r, "\"two\"");
    response_fini(&r);
    r = ask_unknown("HEAD", "/", "", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(response_header(&r, "Content-Length"), "15");
    expect_page_headers(&r, "\"one\"");
    response_fini(&r);
}
END_TEST

START_TEST(who_has_the_page_is_not_sent_it_again)
{
    struct response r = ask_unknown("GET", "/", "If-None-Match: \"one\"\r\n", NULL);

    ck_assert_int_eq(r.status, 304);
    ck_assert_uint_eq(r.body_len, 0);
    expect_page_headers(&r, "\"one\"");
    response_fini(&r);
    r = ask_unknown("GET", "/", "If-None-Match: \"older\"\r\n", NULL);
    ck_assert_int_eq(r.status, 200);
    response_fini(&r);
}
END_TEST

START_TEST(nothing_else_is_a_file)
{
    static const char *const targets[] = {"/dashboard/nothing.js", "/dashboard/..%2fapp.js", "/dashboard/%2e%2e"};

    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
        expect("GET", targets[i], "", NULL, 404, "not-found");
    expect("GET", "/dashboard", "", NULL, 404, "unknown-route");
    expect("POST", "/", JSON_BODY, "{}", 405, "method-not-allowed");
}
END_TEST

START_TEST(no_other_answer_may_be_kept)
{
    struct response r = ask("GET", "/dashboard/nothing.js", "", NULL);

    ck_assert_str_eq(response_header(&r, "Cache-Control"), "no-store");
    ck_assert_ptr_null(response_header(&r, "ETag"));
    response_fini(&r);
}
END_TEST

static void without_pages(struct api_config *config)
{
    config->pages_n = 0;
}

START_TEST(a_missing_dashboard_is_404)
{
    fixture_up_with(FIXTURE_SLOTS, without_pages);
    expect("GET", "/", "", NULL, 404, "not-found");
    fixture_down();
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

Suite *suite_http_pages(void)
{
    Suite *s = suite_create("http_pages");
    TCase *t = tcase_create("http_pages"), *alone = tcase_create("http_pages_alone");

    tcase_add_checked_fixture(t, fixture_up, fixture_down);
    tcase_add_test(t, whoever_asks_gets_the_page);
    tcase_add_test(t, who_has_the_page_is_not_sent_it_again);
    tcase_add_test(t, nothing_else_is_a_file);
    tcase_add_test(t, no_other_answer_may_be_kept);
    suite_add_tcase(s, t);
    tcase_add_loop_test(alone, a_name_says_what_a_file_is, 0, COUNT(names));
    tcase_add_loop_test(alone, a_tag_is_found_among_those_that_a_client_has, 0, COUNT(matches));
    tcase_add_test(alone, a_missing_dashboard_is_404);
    suite_add_tcase(s, alone);
    return s;
}
