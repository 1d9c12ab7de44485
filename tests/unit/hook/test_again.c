/* What is sent again, and what comes of a receiver, an account or a disk that changes while something is sent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/hook/disk.h"
#include "daemon/hook/thread_internal.h"
#include "daemon/store/hook_rows.h"
#include "tests/support/temp.h"
#include "tests/unit/hook/deliver_bed.h"
#include "tests/unit/hook/suites.h"

/* The disk is well again as soon as there are two webhooks. */
#define UNTIL_TWO "WHEN (SELECT count(*) FROM hooks) < 2 BEGIN SELECT RAISE(FAIL, 'full'); END"

/* What is on it of the first webhook. */
struct on_disk {
    struct hook_disk disk;
    int64_t state, cursor;
};

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

/* Nothing of it is on the disk yet, nor was the last answer looked at. */
START_TEST(a_replay_has_what_came_before_it_was_asked_for)
{
    create("a", r);
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 3; i++)
            bed_happen("anna", "call");
        receiver_await(r, (size_t)round * 4 + 2);
        ck_assert_uint_eq(replay("a", (struct hook_replay){.after = (uint64_t)round * 3 + 2}), 1);
        ck_assert_int_eq(atoi(receiver_await(r, (size_t)round * 4 + 3)->id), round * 3 + 3);
    }
    bed_happen("anna", "call");
    ck_assert_str_eq(receiver_await(r, 80)->id, "61");
    ck_assert_uint_eq(receiver_count(r), 81);
}
END_TEST

START_TEST(what_is_on_its_way_while_a_replay_is_asked_for_is_sent_again)
{
    bed_close();
    bed_config.try_ms = 600 * 1000;
    bed_open();
    start();
    receiver_answer(r, NULL, false);
    create("a", r);
    bed_happen("anna", "call");
    receiver_await(r, 0);
    ck_assert_uint_eq(replay("a", (struct hook_replay){.until = 1}), 1);
    receiver_answer(r, "HTTP/1.1 204 No Content\r\n\r\n", false);
    receiver_answer_late(r, "HTTP/1.1 204 No Content\r\n\r\n");
    bed_happen("anna", "call");
    ck_assert_str_eq(ids(r, 3), "1 1 2");
    /* Also where it is sent again already. */
    receiver_answer(r, NULL, false);
    ck_assert_uint_eq(replay("a", (struct hook_replay){.after = 1}), 1);
    receiver_await(r, 3);
    ck_assert_uint_eq(replay("a", (struct hook_replay){.after = 0}), 2);
    receiver_answer(r, "HTTP/1.1 204 No Content\r\n\r\n", false);
    receiver_answer_late(r, "HTTP/1.1 204 No Content\r\n\r\n");
    ck_assert_str_eq(ids(r, 6), "1 1 2 2 2 1");
    bed_happen("anna", "call");
    ck_assert_str_eq(receiver_await(r, 6)->id, "3");
    /* None that failed is on its way. */
    ck_assert_uint_eq(replay("a", (struct hook_replay){.failed = true}), 0);
}
END_TEST

/* What was sent again is ticked off later than it is asked for again. */
START_TEST(what_is_asked_for_again_before_it_was_ticked_off_is_not_lost)
{
    create("a", r);
    happen_and_arrive("a", 3);
    restart_after("CREATE TRIGGER full BEFORE DELETE ON hook_again " UNTIL_TWO);
    ck_assert_uint_eq(replay("a", (struct hook_replay){.after = 0}), 3);
    receiver_await(r, 5);
    deliveries("a", 6);
    ck_assert_uint_eq(replay("a", (struct hook_replay){.after = 1}), 2);
    create("b", other);
    ck_assert_str_eq(ids(r, 8), "1 2 3 1 2 3 2 3");
    bed_happen("anna", "call");
    ck_assert_str_eq(receiver_await(r, 8)->id, "4");
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

/* So many may be under way, R says nothing, and who takes longer than a moment is slow. */
static void begin_with_places(unsigned n)
{
    bed_close();
    bed_config.parallel = n;
    bed_config.try_ms = 600 * 1000;
    bed_config.slow_ms = 20;
    bed_open();
    start();
    receiver_answer(r, NULL, false);
}

/* There are two places, and who takes long has none any more. */
START_TEST(who_answers_slowly_delays_nobody)
{
    begin_with_places(2);
    create("a", r);
    create("b", r);
    create("c", r);
    create("d", other);
    bed_happen("anna", "call");
    receiver_await(r, 2);
    ck_assert_str_eq(ids(other, 1), "1");
    receiver_answer_late(r, "HTTP/1.1 204 No Content\r\n\r\n");
    deliveries("a", 1);
    deliveries("b", 1);
    deliveries("c", 1);
    bed_happen("anna", "call");
    receiver_await(r, 5);
    ck_assert_str_eq(ids(other, 2), "1 2");
}
END_TEST

enum { A, B }; /* where two webhooks stand, by name */

/* The next round begins with B. After one that did, in which the one place became free, another comes at once. */
static void have_turn(void)
{
    struct hook_thread *t;
    const struct hook *b;

    pthread_mutex_lock(&bed_hooks->lock);
    t = bed_hooks->thread;
    b = bed_hooks->list[B];
    if (t->turn == B + 1 && !t->sending && b->feed && !b->feed->is_loading && b->line.cursor < 2)
        ck_assert_int_le(t->next_us, clock_mono_us(bed_config.clock));
    t->turn = B;
    pthread_mutex_unlock(&bed_hooks->lock);
}

/* By who was looked at before, in the round in which it is given back. */
START_TEST(a_place_that_is_given_back_is_taken_at_once)
{
    begin_with_places(1);
    create("a", r);
    bed_happen("anna", "call");
    receiver_await(r, 0);
    create("b", other);
    bed_happen("anna", "call");
    while (!receiver_count(other)) {
        have_turn();
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    }
    ck_assert_str_eq(ids(other, 1), "2");
}
END_TEST

static void see_first(void *ctx, int err, const char *why, const struct store_hook *list, size_t n, size_t damaged,
                      int64_t last_id)
{
    struct on_disk *d = ctx;

    ck_assert(!err && n && !damaged);
    d->state = list[0].state;
    d->cursor = list[0].place.cursor;
    hook_disk_done(&d->disk, err, why);
}

START_TEST(places_and_states_that_the_disk_refused_are_written_when_it_does_not)
{
    struct on_disk d;

    create("a", r);
    restart_after("CREATE TRIGGER full BEFORE UPDATE ON hooks " UNTIL_TWO);
    happen_and_arrive("a", 2);
    receiver_answer_next(r, 1, answer_gone);
    bed_happen("anna", "call");
    deliveries("a", 3);
    /* Nothing happens to "a" any more. */
    create("b", other);
    ck_assert_int_eq(hook_disk_open(bed_store, &d.disk, &fault), 0);
    do {
        nanosleep(&(struct timespec){.tv_nsec = 2 * 1000000}, NULL);
        ck_assert_int_eq(hook_disk_await(&d.disk, store_load_hooks(d.disk.desk, see_first, &d), &fault), 0);
    } while (d.state != HOOK_DISABLED || d.cursor != 2);
    hook_disk_close(&d.disk);
    restart();
    char *list = bed_list();
    ck_assert_ptr_nonnull(strstr(list, "disabled its receiver answered 410 Gone pending 1"));
    free(list);
}
END_TEST

START_TEST(a_gap_is_not_sent_by_the_id_of_an_event_that_is_gone)
{
    bed_close();
    bed_close_store();
    bed_keep = 5;
    bed_open_store();
    bed_open();
    start();
    create("a", r);
    happen_and_arrive("a", 5);
    edit("a", (struct hook_edit){.has_paused = true, .paused = true});
    ck_assert_uint_eq(replay("a", (struct hook_replay){.after = 0}), 5);
    for (int i = 0; i < 3; i++)
        bed_happen("anna", "call");
    bed_push_out(8);
    edit("a", (struct hook_edit){.has_paused = true});
    receiver_await(r, 9);
    ck_assert_str_eq(ids(r, 10), "1 2 3 4 5 4 5 6 7 8");
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
    tcase_add_test(t, a_replay_has_what_came_before_it_was_asked_for);
    tcase_add_test(t, what_is_on_its_way_while_a_replay_is_asked_for_is_sent_again);
    tcase_add_test(t, what_is_asked_for_again_before_it_was_ticked_off_is_not_lost);
    tcase_add_test(t, what_a_receiver_said_that_was_replaced_meanwhile_is_not_held_against_the_next);
    tcase_add_test(t, an_account_that_goes_holds_nobody_up_whatever_was_sent_since);
    tcase_add_test(t, who_answers_slowly_delays_nobody);
    tcase_add_test(t, a_place_that_is_given_back_is_taken_at_once);
    tcase_add_test(t, places_and_states_that_the_disk_refused_are_written_when_it_does_not);
    tcase_add_test(t, a_gap_is_not_sent_by_the_id_of_an_event_that_is_gone);
    suite_add_tcase(s, t);
    return s;
}
