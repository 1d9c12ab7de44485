/* Idempotency-Key and Prefer, as people and libraries write them. */
#include <string.h>

#include "api/terms.h"
#include "tests/support/unit.h"
#include "tests/unit/api/suites.h"

static const struct {
    const char *value, *key; /* "": it is none */
} keys[] = {
    {"k", "k"},
    {"8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"},
    {"\"8e03978e\"", "8e03978e"},
    {"a b", "a b"},
    {"\"a \\\" \\\\ b\"", "a \" \\ b"},
    {"", ""},
    {"\"\"", ""},
    {"\"open", ""},
    {"\"open\\\"", ""},
    {"\"open\\", ""},
    {"\"a\"b", ""},
    {"\"a\";p=1", ""},
    {"k\xc3\xbc", ""},
    {"k\tl", ""},
    {"a\"b", "a\"b"},
};

START_TEST(a_key_is_read_bare_and_in_quotation_marks)
{
    char key[JOB_KEY_MAX + 1];

    terms_parse_key(keys[_i].value, key);
    ck_assert_str_eq(key, keys[_i].key);
}
END_TEST

START_TEST(a_key_has_a_greatest_length)
{
    char value[JOB_KEY_MAX + 4] = "\"", key[JOB_KEY_MAX + 1];

    memset(value + 1, 'k', JOB_KEY_MAX);
    terms_parse_key(value + 1, key);
    ck_assert_uint_eq(strlen(key), JOB_KEY_MAX);
    value[1 + JOB_KEY_MAX] = '"';
    terms_parse_key(value, key);
    ck_assert_uint_eq(strlen(key), JOB_KEY_MAX);
    value[1 + JOB_KEY_MAX] = 'k';
    terms_parse_key(value + 1, key);
    ck_assert_str_eq(key, "");
}
END_TEST

static const struct {
    const char *value;
    bool is_async;
    int wait_s; /* -1: none */
} prefers[] = {
    {"respond-async", true, -1},
    {"Respond-Async", true, -1},
    {"respond-async; x=1", true, -1},
    {"respond-async, wait=10", true, 10},
    {"wait=10,respond-async", true, 10},
    {"wait = 10", false, 10},
    {"WAIT=\"10\" ; x", false, 10},
    {"wait=0", false, 0},
    {"wait=10, wait=20", false, 10},
    {"wait=99999999999999999999", false, 24 * 3600},
    {"wait=x, wait=3", false, 3},
    {"wait", false, -1},
    {"wait=", false, -1},
    {"wait=-1", false, -1},
    {"wait=1.5", false, -1},
    {"wait=\"1", false, -1},
    {"waiter=1", false, -1},
    {"x=\"a, respond-async\"", false, -1},
    {"x=\"a\\\", respond-async\", wait=2", false, 2},
    {"return=minimal", false, -1},
    {"", false, -1},
    {" , ,", false, -1},
};

START_TEST(what_is_preferred_is_read_and_what_is_not_known_passed_over)
{
    struct job_terms terms = {.is_async = false};

    terms_parse_prefer(prefers[_i].value, &terms);
    ck_assert_int_eq(terms.is_async, prefers[_i].is_async);
    ck_assert_int_eq(terms.has_wait ? terms.wait_s : -1, prefers[_i].wait_s);
}
END_TEST

START_TEST(what_stands_in_several_headers_counts_together)
{
    struct job_terms terms = {.is_async = false};

    terms_parse_prefer("wait=5", &terms);
    terms_parse_prefer("respond-async, wait=6", &terms);
    ck_assert(terms.is_async && terms.has_wait);
    ck_assert_int_eq(terms.wait_s, 5);
}
END_TEST

Suite *suite_terms(void)
{
    Suite *s = suite_create("terms");
    TCase *t = tcase_create("terms");

    tcase_add_loop_test(t, a_key_is_read_bare_and_in_quotation_marks, 0, sizeof(keys) / sizeof(keys[0]));
    tcase_add_test(t, a_key_has_a_greatest_length);
    tcase_add_loop_test(t, what_is_preferred_is_read_and_what_is_not_known_passed_over, 0,
                        sizeof(prefers) / sizeof(prefers[0]));
    tcase_add_test(t, what_stands_in_several_headers_counts_together);
    suite_add_tcase(s, t);
    return s;
}
