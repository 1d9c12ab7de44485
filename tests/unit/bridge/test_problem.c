#include "tests/support/unit.h"
#include "tests/unit/bridge/suites.h"

#include <string.h>

#include "daemon/bridge/problem.h"

static json_t *as_json(const struct problem *p, const char *instance)
{
    struct buf text;

    buf_init(&text, 1 << 20);
    ck_assert_int_eq(problem_text(p, instance, &text), 0);
    json_t *json = json_loadb((const char *)text.data, text.len, 0, NULL);
    ck_assert_ptr_nonnull(json);
    buf_fini(&text);
    return json;
}

START_TEST(the_text_has_the_members_of_the_standard)
{
    struct problem *p = problem_new(PROBLEM_QUEUE_FULL, 0, "%d jobs wait", 3);
    struct buf text;

    problem_set_remedy(p, "Try again.");
    problem_set_retry_after(p, 7);
    buf_init(&text, 4096);
    ck_assert_int_eq(problem_text(p, "abc", &text), 0);
    ck_assert_str_eq(buf_text(&text),
                     "{\"type\":\"tag:tgcalld,2026:queue-full\",\"title\":\"Too many requests are waiting\","
                     "\"status\":503,\"detail\":\"3 jobs wait\",\"instance\":\"abc\",\"remedy\":\"Try again.\"}");
    ck_assert_int_eq(problem_status(p), 503);
    ck_assert_int_eq(problem_slug_of(p), PROBLEM_QUEUE_FULL);
    ck_assert_int_eq(problem_retry_after(p), 7);
    buf_fini(&text);
    problem_free(p);
}
END_TEST

START_TEST(a_status_given_wins_over_the_table)
{
    struct problem *p = problem_new(PROBLEM_TELEGRAM_REFUSED, 403, "CHAT_ADMIN_REQUIRED");

    ck_assert_int_eq(problem_status(p), 403);
    problem_free(p);
    p = problem_new(PROBLEM_TELEGRAM_REFUSED, 0, "a slug without a status of its own");
    ck_assert_int_eq(problem_status(p), 500);
    problem_free(p);
}
END_TEST

START_TEST(members_and_errors_add_up)
{
    struct problem *p = problem_new(PROBLEM_INVALID_REQUEST, 0, "x");

    problem_add_error(p, "/a", "one");
    problem_add_error(p, "/b~1c", "two");
    problem_put(p, "accounts", json_pack("[s]", "alice"));
    problem_put(p, "status", json_integer(1));
    json_t *json = as_json(p, NULL);
    ck_assert_int_eq(json_integer_value(json_object_get(json, "status")), 422);
    ck_assert_ptr_null(json_object_get(json, "instance"));
    json_t *errors = json_object_get(json, "errors");
    ck_assert_uint_eq(json_array_size(errors), 2);
    ck_assert_str_eq(unit_json_text(json_array_get(errors, 1), "pointer"), "/b~1c");
    ck_assert_str_eq(unit_json_text(json_array_get(errors, 1), "detail"), "two");
    ck_assert_uint_eq(json_array_size(json_object_get(json, "accounts")), 1);
    json_decref(json);
    problem_free(p);
}
END_TEST

START_TEST(text_from_outside_cannot_break_the_json)
{
    char big[3000];

    memset(big, 'x', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    struct problem *p = problem_new(PROBLEM_INTERNAL, 0, "bad \xff\xfe bytes \"quoted\"\n");
    json_t *json = as_json(p, NULL);
    ck_assert_str_eq(unit_json_text(json, "detail"), "bad ?? bytes \"quoted\"\n");
    json_decref(json);
    problem_free(p);

    /* A cut inside a character drops the character. */
    memcpy(big + 1022, "\xc3\xa4", 2);
    p = problem_new(PROBLEM_INTERNAL, 0, "%s", big);
    json = as_json(p, NULL);
    ck_assert_uint_eq(strlen(unit_json_text(json, "detail")), 1022);
    json_decref(json);
    problem_free(p);
}
END_TEST

START_TEST(a_buffer_that_is_too_small_is_an_error)
{
    struct problem *p = problem_new(PROBLEM_INTERNAL, 0, "x");
    struct buf text;

    buf_init(&text, 10);
    ck_assert_int_eq(problem_text(p, NULL, &text), TGC_ELIMIT);
    buf_fini(&text);
    problem_free(p);
}
END_TEST

START_TEST(each_problem_says_what_to_do)
{
    struct problem *p = problem_new((enum problem_slug)_i, 0, "x");
    json_t *json = as_json(p, NULL);
    const char *remedy = unit_json_text(json, "remedy");

    ck_assert_uint_gt(strlen(remedy), 20);
    ck_assert_ptr_null(strchr(remedy, '{'));
    json_decref(json);
    problem_print_remedy(p, "GET /v1/calls/%d", 7);
    json = as_json(p, NULL);
    ck_assert_str_eq(unit_json_text(json, "remedy"), "GET /v1/calls/7");
    json_decref(json);
    problem_free(p);
}
END_TEST

START_TEST(a_problem_that_was_written_is_read_again)
{
    struct problem *p = problem_new(PROBLEM_TELEGRAM_REFUSED, 403, "Telegram answered %s", "CHAT_ADMIN_REQUIRED");

    problem_put(p, "telegram", json_pack("{s:i}", "code", 403));
    problem_add_error(p, "/peer", "odd");
    problem_set_remedy(p, "Look at the rights");
    json_t *json = as_json(p, NULL);
    struct problem *again = problem_parse(json);
    ck_assert_ptr_nonnull(again);
    json_t *second = as_json(again, NULL);
    ck_assert(json_equal(json, second));
    ck_assert_int_eq(problem_slug_of(again), PROBLEM_TELEGRAM_REFUSED);
    ck_assert_int_eq(json_integer_value(json_object_get(problem_member(again, "telegram"), "code")), 403);
    ck_assert_ptr_null(problem_member(again, "detail"));
    json_object_set_new(json, "type", json_string("tag:tgcalld,2026:nothing-known"));
    ck_assert_ptr_null(problem_parse(json));
    ck_assert_ptr_null(problem_parse(NULL));
    json_decref(json);
    json_decref(second);
    problem_free(p);
    problem_free(again);
}
END_TEST

START_TEST(no_problem_takes_anything)
{
    problem_set_remedy(NULL, "x");
    problem_print_remedy(NULL, "%s", "x");
    problem_set_retry_after(NULL, 1);
    problem_put(NULL, "x", json_object());
    problem_add_error(NULL, "", "x");
    problem_free(NULL);
}
END_TEST

Suite *suite_problem(void)
{
    Suite *s = suite_create("problem");
    TCase *t = tcase_create("problem");

    tcase_add_test(t, the_text_has_the_members_of_the_standard);
    tcase_add_test(t, a_status_given_wins_over_the_table);
    tcase_add_test(t, members_and_errors_add_up);
    tcase_add_test(t, text_from_outside_cannot_break_the_json);
    tcase_add_test(t, a_buffer_that_is_too_small_is_an_error);
    tcase_add_loop_test(t, each_problem_says_what_to_do, 0, PROBLEM_TELEGRAM_TIMEOUT + 1);
    tcase_add_test(t, a_problem_that_was_written_is_read_again);
    tcase_add_test(t, no_problem_takes_anything);
    suite_add_tcase(s, t);
    return s;
}
