/* What is sent again, and what comes of a receiver, an account or a disk that changes while something is sent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/temp.h"
#include "tests/unit/hook/deliver_bed.h"
#include "tests/unit/hook/suites.h"

/* The disk is well again as soon as there are two webhooks. */
#define UNTIL_TWO "WHEN (SELECT count(*) FROM hooks) < 2 BEGIN SELECT RAISE(FAIL, 'full'); END"

static void happen_and_arrive(const char *name, int n)
{
    for (int i = 0; i < n; i++)
        bed_happen("anna", "call");
    deliveries(name, n);
}

START_TEST(what_the_disk_cannot_tick_off_is_sent_once_and_the_next_events_come)
{
    create("a", r);
    happen_and_arrive("a", 3);
    restart_after("CREATE TRIGGER full BEFORE DELETE ON hook_again " UNTIL_TWO);
    ck_assert_uint_eq(replay("a", (struct hook_replay){.after = 0}), 3);
    bed_happen("anna", "call");
    receiver_await(r, 6);
    bed_happen("anna", "call");
    ck_assert_str_eq(receiver_await(r, 7)->id, "5");
    /* Once it can, what is asked for then comes too, and the next process has nothing to send again. */
    create("b", other);
    deliveries("a", 8);
    ck_assert_uint_eq(replay("a", (struct hook_replay){.after = 4}), 1);
    ck_assert_str_eq(receiver_await(r, 8)->id, "5");
    deliveries("a", 9);
    restart();
    bed_happen("anna", "call");
    ck_assert_str_eq(receiver_await(r, 9)->id, "6");
    ck_assert_uint_eq(receiver_count(r), 10);
}
END_TEST

START_TEST(a_second_replay_is_not_lost_while_a_first_is_under_way)
{
    create("a", r);
    happen_and_arrive("a", 6);
    receiver_answer_next(r, 1, answer_broken);
    ck_assert_uint_eq(replay("a", (struct hook_replay){.after = 4}), 2);
    deliveries("a", 7);
    ck_assert_uint_eq(replay("a", (struct hook_replay){.until = 2}), 2);
    receiver_await(r, 10);
    ck_assert_str_eq(ids(r, 11), "1 2 3 4 5 6 5 5 6 1 2");
}
END_TEST

START_TEST(what_a_receiver_said_that_was_replaced_meanwhile_is_not_held_against_the_next)
{
    bed_close();
    bed_config.try_ms = 600 * 1000;
    bed_open();
    start();
    receiver_answer(r, NULL, false);
    create("a", r);
    bed_happen("anna", "call");
    receiver_await(r, 0);
    edit("a", (struct hook_edit){.url = receiver_url(other, "a")});
    receiver_answer_late(r, answer_gone);
    ck_assert_str_eq(ids(other, 1), "1");
    ck_assert_str_eq(deliveries("a", 2), "#2 1.2=204 delivered | #1 1.1=410 retried: HTTP 410");
    char *list = bed_list();
    ck_assert_ptr_nonnull(strstr(list, " active "));
    free(list);
}
END_TEST

START_TEST(an_account_that_goes_holds_nobody_up_whatever_was_sent_since)
{
    char id[HOOK_ID_TEXT];

    receiver_answer_next(r, 1, answer_broken);
    create("a", r);
    bed_happen("berta", "call");
    deliveries("a", 1);
    bed_happen("anna", "call");
    ck_assert_int_eq(hooks_test(bed_hooks, "a", id, &fault), 0);
    deliveries("a", 2);
    hooks_forget(bed_hooks, "berta", 1);
    ck_assert_str_eq(receiver_await(r, 2)->id, "2");
    /* Nor after a restart. */
    receiver_answer_next(r, 1, answer_broken);
    bed_happen("berta", "call");
    deliveries("a", 4);
    restart();
    bed_happen("anna", "call");
    hooks_forget(bed_hooks, "berta", 3);
    ck_assert_str_eq(receiver_await(r, 4)->id, "4");
}
END_TEST

Suite *suite_again(void)
{
    Suite *s = suite_create("again");
    TCase *t = tcase_create("again");

    tcase_set_timeout(t, 30);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, deliver_set_up, deliver_tear_down);
    tcase_add_test(t, what_the_disk_cannot_tick_off_is_sent_once_and_the_next_events_come);
    tcase_add_test(t, a_second_replay_is_not_lost_while_a_first_is_under_way);
    tcase_add_test(t, what_a_receiver_said_that_was_replaced_meanwhile_is_not_held_against_the_next);
    tcase_add_test(t, an_account_that_goes_holds_nobody_up_whatever_was_sent_since);
    suite_add_tcase(s, t);
    return s;
}
