/* One webhook's place in the log, and when it is tried again. */
#include "daemon/base/clock.h"
#include "daemon/hook/line.h"
#include "tests/support/unit.h"
#include "tests/unit/hook/suites.h"

static enum hook_outcome end(struct hook_line *l, int status, int64_t now_us)
{
    return hook_line_end(l, &(struct hook_line_answer){.status = status}, now_us, 0);
}

START_TEST(an_event_is_tried_ten_times_with_waits_that_grow)
{
    static const int64_t waits_s[] = {5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400};
    struct hook_line l = {.cursor = 4};
    int64_t now_us = 1000;

    for (unsigned i = 0; i < 9; i++) {
        hook_line_try(&l, 5);
        ck_assert_int_eq(end(&l, i % 2 ? 500 : 0, now_us), HOOK_AGAIN);
        ck_assert(l.head == 5 && l.cursor == 4 && l.is_troubled && l.tries == i + 1);
        ck_assert_int_eq(l.due_us, now_us + waits_s[i] * SECOND_US);
        ck_assert(!hook_line_is_due(&l, l.due_us - 1) && hook_line_is_due(&l, l.due_us));
        now_us = l.due_us;
    }
    hook_line_try(&l, 5);
    ck_assert_int_eq(end(&l, 404, now_us), HOOK_FAILED);
    ck_assert(l.cursor == 5 && !l.head && !l.tries && hook_line_is_due(&l, now_us));
}
END_TEST

START_TEST(what_a_status_means)
{
    static const struct {
        int status;
        enum hook_outcome outcome;
    } rows[] = {{200, HOOK_DELIVERED}, {204, HOOK_DELIVERED}, {299, HOOK_DELIVERED}, {0, HOOK_AGAIN},
                {199, HOOK_AGAIN},     {300, HOOK_AGAIN},     {301, HOOK_AGAIN},     {404, HOOK_AGAIN},
                {410, HOOK_GONE},      {429, HOOK_AGAIN},     {503, HOOK_AGAIN}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ck_assert_int_eq(hook_outcome_of(rows[i].status, 1), rows[i].outcome);
    ck_assert_int_eq(hook_outcome_of(410, HOOK_TRIES_MAX), HOOK_GONE);
}
END_TEST

START_TEST(a_wait_is_up_to_a_tenth_longer_and_no_shorter)
{
    int64_t longest = 0;

    for (uint32_t draw = 0; draw < 20002; draw++) {
        int64_t wait = hook_retry_wait_us(1, 0, draw);
        ck_assert(wait >= 5 * SECOND_US && wait <= 5 * SECOND_US + SECOND_US / 2);
        if (wait > longest)
            longest = wait;
    }
    ck_assert_int_eq(longest, 5 * SECOND_US + SECOND_US / 2);
    ck_assert(hook_retry_wait_us(1, 0, UINT32_MAX) <= 5 * SECOND_US + SECOND_US / 2);
}
END_TEST

START_TEST(retry_after_makes_it_later_never_sooner_and_within_reason)
{
    ck_assert_int_eq(hook_retry_wait_us(1, 1, 0), 5 * SECOND_US);
    ck_assert_int_eq(hook_retry_wait_us(1, 60, 0), 60 * SECOND_US);
    ck_assert_int_eq(hook_retry_wait_us(2, 60, 0), 300 * SECOND_US);
    ck_assert_int_eq(hook_retry_wait_us(1, INT64_MAX, 0), HOOK_WAIT_MAX_S * SECOND_US);
    ck_assert_int_eq(hook_retry_wait_us(1, -5, 0), 5 * SECOND_US);
    ck_assert_int_ge(HOOK_WAIT_MAX_S * SECOND_US, hook_retry_wait_us(9, 0, 10000));
    ck_assert_int_eq(hook_retry_wait_us(100, 0, 0), hook_retry_wait_us(9, 0, 0));
}
END_TEST

START_TEST(what_was_delivered_makes_room_for_the_next)
{
    struct hook_line l = {.cursor = 4};

    hook_line_try(&l, 7);
    ck_assert_int_eq(end(&l, 500, 0), HOOK_AGAIN);
    hook_line_hurry(&l);
    ck_assert(hook_line_is_due(&l, 0) && l.tries == 1);
    hook_line_try(&l, 7);
    ck_assert_int_eq(end(&l, 200, 0), HOOK_DELIVERED);
    ck_assert(l.cursor == 7 && !l.head && !l.is_troubled);
    hook_line_pass(&l, 9);
    ck_assert(l.cursor == 9 && !l.head);
}
END_TEST

START_TEST(who_mends_a_receiver_spends_none_of_its_tries)
{
    struct hook_line l = {.cursor = 4};

    for (int i = 0; i < 3 * HOOK_TRIES_MAX; i++) {
        hook_line_try(&l, 7);
        ck_assert_int_eq(end(&l, 500, 0), HOOK_AGAIN);
        hook_line_renew(&l);
        ck_assert(hook_line_is_due(&l, 0) && !l.tries);
    }
    for (int i = 1; i < HOOK_TRIES_MAX; i++) {
        hook_line_try(&l, 7);
        ck_assert_int_eq(end(&l, 500, 0), HOOK_AGAIN);
        hook_line_hurry(&l);
    }
    hook_line_try(&l, 7);
    ck_assert_int_eq(end(&l, 500, 0), HOOK_FAILED);
}
END_TEST

START_TEST(what_is_sent_once_more_leaves_the_cursor)
{
    struct hook_line l = {.cursor = 9};

    hook_line_try(&l, 3);
    ck_assert_int_eq(end(&l, 200, 0), HOOK_DELIVERED);
    ck_assert(l.cursor == 9 && !l.head);
}
END_TEST

START_TEST(one_that_is_gone_begins_anew_with_the_same_event)
{
    struct hook_line l = {.cursor = 9, .head = 10, .tries = 4};

    hook_line_try(&l, 10);
    ck_assert_int_eq(end(&l, 410, 0), HOOK_GONE);
    ck_assert(l.cursor == 9 && !l.head && !l.tries && hook_line_is_due(&l, 0));
}
END_TEST

START_TEST(what_another_receiver_said_is_no_last_word)
{
    static const struct hook_line_answer gone = {.status = 410, .was_changed = true},
                                         broken = {.status = 500, .retry_after_s = 60, .was_changed = true},
                                         good = {.status = 200, .was_changed = true};
    struct hook_line l = {.cursor = 9, .head = 10, .tries = HOOK_TRIES_MAX - 1};

    ck_assert_int_eq(hook_line_end(&l, &broken, 1000, 0), HOOK_AGAIN);
    ck_assert(l.cursor == 9 && l.head == 10 && hook_line_is_due(&l, 1000));
    ck_assert_int_eq(hook_line_end(&l, &gone, 1000, 0), HOOK_AGAIN);
    ck_assert(l.cursor == 9 && l.head == 10 && hook_line_is_due(&l, 1000));
    ck_assert_int_eq(hook_line_end(&l, &good, 1000, 0), HOOK_DELIVERED);
    ck_assert(l.cursor == 10 && !l.head);
}
END_TEST

Suite *suite_line(void)
{
    Suite *s = suite_create("line");
    TCase *t = tcase_create("line");

    tcase_add_test(t, an_event_is_tried_ten_times_with_waits_that_grow);
    tcase_add_test(t, what_a_status_means);
    tcase_add_test(t, a_wait_is_up_to_a_tenth_longer_and_no_shorter);
    tcase_add_test(t, retry_after_makes_it_later_never_sooner_and_within_reason);
    tcase_add_test(t, what_was_delivered_makes_room_for_the_next);
    tcase_add_test(t, who_mends_a_receiver_spends_none_of_its_tries);
    tcase_add_test(t, what_is_sent_once_more_leaves_the_cursor);
    tcase_add_test(t, one_that_is_gone_begins_anew_with_the_same_event);
    tcase_add_test(t, what_another_receiver_said_is_no_last_word);
    suite_add_tcase(s, t);
    return s;
}
