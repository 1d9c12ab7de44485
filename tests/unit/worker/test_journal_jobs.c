/* Jobs: they outlive who asked for them, are tried, wait and are cancelled; and a disk that takes nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/worker/journal_bed.h"
#include "tests/unit/worker/journal_suites.h"

static struct client one, two, three;

static void is_answered(const struct client *c, int status)
{
    ck_assert(c->is_answered);
    ck_assert_msg(c->status == status, "%d is not %d: %s", c->status, status, c->text);
}

START_TEST(test_a_job_is_on_the_disk_before_its_202_leaves)
{
    bed_create(&one, NULL, PREFER_ASYNC, "@chat");
    ck_assert(!one.is_answered);
    ck_assert_uint_eq(attempts_n, 0);
    disk_run();
    is_answered(&one, 202);
    ck_assert(disk_only()->intent.shown);
    ck_assert_int_eq(disk_only()->intent.id, bed_job_of(&one));
    ck_assert_uint_eq(attempts_n, 1);
    bed_get_job(&two, bed_job_of(&one));
    ck_assert_str_eq(client_says(&two, "state"), "running");
}
END_TEST

/* Nor does that of who takes the place of a client that has gone meanwhile. */
START_TEST(test_a_job_is_on_the_disk_before_a_repeats_202_leaves)
{
    bed_create(&one, "k", _i ? PREFER_NOTHING : PREFER_ASYNC, "@chat");
    one.has_left = true;
    bed_create(&two, "k", PREFER_ASYNC, "@chat");
    ck_assert(!two.is_answered);
    two.has_left = true;
    bed_create(&three, "k", PREFER_ASYNC, "@chat");
    ck_assert(!three.is_answered);
    disk_run();
    is_answered(&one, 409);
    is_answered(&two, 409);
    is_answered(&three, 202);
    ck_assert(disk_only()->intent.shown);
    ck_assert_uint_eq(attempts_begun, 1);
}
END_TEST

START_TEST(test_neither_time_nor_telegram_has_a_repeats_202_leave_before)
{
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    one.has_left = true;
    bed_create(&two, "k", _i ? PREFER_ASYNC : 0, "@chat");
    if (_i)
        attempt_times_out(false);
    else
        fake_net_advance(&bed_net, SECOND_US);
    ck_assert(!two.is_answered);
    disk_run();
    is_answered(&two, 202);
    ck_assert(disk_only()->intent.shown);
}
END_TEST

START_TEST(test_a_repeats_end_is_on_the_disk_before_it_is_told)
{
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    one.has_left = true;
    bed_create(&two, "k", PREFER_ASYNC, "@chat");
    attempt_refused("CHAT_ADMIN_REQUIRED");
    ck_assert(disk_step()); /* that it is a job */
    ck_assert(!two.is_answered);
    disk_run();
    is_answered(&two, 400);
}
END_TEST

START_TEST(test_wait_is_as_long_as_it_says)
{
    bed_worker->env.request_timeout_us = 60 * SECOND_US;
    bed_create(&one, NULL, 5, "@chat");
    disk_run();
    fake_net_advance(&bed_net, 4 * SECOND_US);
    ck_assert(!one.is_answered);
    fake_net_advance(&bed_net, SECOND_US);
    is_answered(&one, 202);
    attempt_answers(201, "{\"made\":1}");
    disk_run();
    bed_get_job(&two, bed_job_of(&one));
    ck_assert_str_eq(client_says(&two, "state"), "done");
    ck_assert_str_eq(client_says(&two, "answer"), "{\"made\": 1}");
}
END_TEST

START_TEST(test_a_504_ends_the_waiting_and_not_the_intent)
{
    int32_t random_id;

    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    random_id = (int32_t)json_integer_value(json_object_get(attempt()->body, "random_id"));
    attempt_wants(random_id);
    disk_run();
    attempt_goes();
    attempt_times_out(true);
    disk_run();
    is_answered(&one, 504);
    ck_assert_str_eq(client_says(&one, "sent"), "true");
    ck_assert_uint_eq(attempts_n, 1);
    ck_assert(attempt()->is_again);
    ck_assert_int_eq(json_integer_value(json_object_get(attempt()->body, "random_id")), random_id);
    bed_create(&two, "k", PREFER_NOTHING, "@chat"); /* it has somebody again */
    attempt_answers(201, "{\"made\":1}");
    disk_run();
    is_answered(&two, 201);
    bed_get_job(&two, bed_job_of(&one));
    ck_assert_str_eq(client_says(&two, "state"), "done");
}
END_TEST

START_TEST(test_what_cannot_be_repeated_is_not_and_that_is_told_again)
{
    bed_invite(&one, "k", PREFER_NOTHING);
    attempt_wants(0);
    disk_run();
    attempt_goes();
    attempt_times_out(true);
    disk_run();
    is_answered(&one, 504);
    ck_assert_uint_eq(attempts_n, 0);
    bed_invite(&two, "k", PREFER_NOTHING);
    disk_run();
    is_answered(&two, 504);
    ck_assert(two.is_replayed);
    ck_assert_str_eq(client_says(&two, "sent"), "true");
}
END_TEST

START_TEST(test_a_job_is_tried_for_an_hour)
{
    bed_create(&one, NULL, PREFER_ASYNC, "@chat");
    disk_run();
    for (int minutes = 0; minutes < 60; minutes++) {
        ck_assert_uint_eq(attempts_n, 1);
        fake_net_advance(&bed_net, 60 * SECOND_US);
        attempt_times_out(false);
        disk_run();
    }
    ck_assert_uint_eq(attempts_n, 0);
    bed_get_job(&two, bed_job_of(&one));
    ck_assert_str_eq(client_says(&two, "state"), "failed");
}
END_TEST

START_TEST(test_a_job_waits_as_telegram_asks)
{
    bed_create(&one, NULL, PREFER_ASYNC, "@chat");
    disk_run();
    attempt_has_to_wait(600);
    disk_run();
    bed_get_job(&two, bed_job_of(&one));
    ck_assert_str_eq(client_says(&two, "state"), "waiting");
    fake_net_advance(&bed_net, 599 * SECOND_US);
    ck_assert_uint_eq(attempts_n, 0);
    fake_net_advance(&bed_net, SECOND_US);
    ck_assert_uint_eq(attempts_n, 1);
}
END_TEST

static int64_t job_under_way(size_t place)
{
    ck_assert_uint_lt(place, attempts_n);
    return ((struct intent_attempt *)attempts[place]->done_ctx)->intent->id;
}

/* One end of a wait, told in whole seconds at three times: the last of the three would be over first. */
START_TEST(test_those_that_wait_for_the_same_go_on_in_their_order)
{
    const int64_t told_s[] = {10, 10, 9};
    int64_t jobs[3];

    for (size_t k = 0; k < 3; k++) {
        bed_create(&one, NULL, PREFER_ASYNC, "@chat");
        disk_run();
        jobs[k] = bed_job_of(&one);
        attempt_has_to_wait(told_s[k]);
        disk_run();
        if (_i == 0)
            fake_net_advance(&bed_net, 6 * SECOND_US / 10);
    }
    if (_i == 1) /* the next process finds them all due */
        bed_kill();
    fake_net_advance(&bed_net, 10 * SECOND_US);
    ck_assert_uint_eq(attempts_n, 3);
    for (size_t k = 0; k < 3; k++)
        ck_assert_int_eq(job_under_way(k), jobs[k]);
}
END_TEST

/* What waits for another thing is not held up. */
START_TEST(test_a_longer_wait_before_it_holds_nothing_up)
{
    bed_create(&one, NULL, PREFER_ASYNC, "@chat");
    disk_run();
    attempt_has_to_wait(600);
    bed_create(&two, NULL, PREFER_ASYNC, "@other");
    disk_run();
    attempt_has_to_wait(10);
    disk_run();
    fake_net_advance(&bed_net, 10 * SECOND_US);
    ck_assert_uint_eq(attempts_n, 1);
    ck_assert_int_eq(job_under_way(0), bed_job_of(&two));
    fake_net_advance(&bed_net, 590 * SECOND_US);
    ck_assert_uint_eq(attempts_n, 2);
}
END_TEST

START_TEST(test_what_was_not_sent_is_cancelled_and_what_was_is_not)
{
    bed_create(&one, "k", PREFER_ASYNC, "@chat");
    disk_run();
    attempt_wants(7);
    bed_cancel_job(&two, bed_job_of(&one));
    is_answered(&two, 200);
    ck_assert_str_eq(client_says(&two, "state"), "failed");
    ck_assert(!attempt_may_go());
    attempt_times_out(false); /* what is left of it is nobody's */
    bed_create(&one, "l", PREFER_ASYNC, "@chat");
    disk_run();
    attempt_wants(7);
    disk_run();
    attempt_goes();
    bed_cancel_job(&two, bed_job_of(&one));
    is_answered(&two, 409);
    ck_assert(attempt_may_go());
}
END_TEST

START_TEST(test_a_wait_is_cancelled_too)
{
    bed_create(&one, "k", PREFER_ASYNC, "@chat");
    disk_run();
    attempt_has_to_wait(600);
    disk_run();
    bed_cancel_job(&two, bed_job_of(&one));
    is_answered(&two, 200);
    fake_net_advance(&bed_net, 1000 * SECOND_US);
    ck_assert_uint_eq(attempts_n, 0);
    bed_create(&two, "k", PREFER_NOTHING, "@chat"); /* its key is free for who wants it after all */
    ck_assert_uint_eq(attempts_n, 1);
}
END_TEST

START_TEST(test_nothing_goes_out_that_the_disk_does_not_take)
{
    const enum disk_mood moods[] = {DISK_FAILS, DISK_REFUSES};

    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    disk_set_mood(moods[_i]);
    attempt_wants(7);
    disk_run();
    ck_assert(!attempt_may_go());
    attempt_times_out(false);
    disk_run();
    is_answered(&one, 500);
    ck_assert_ptr_nonnull(strstr(client_says(&one, "remedy"), "Nothing was sent"));
    disk_set_mood(DISK_WRITES);
    bed_create(&two, "k", PREFER_NOTHING, "@chat");
    ck_assert_uint_eq(attempts_n, 1);
}
END_TEST

START_TEST(test_a_job_that_the_disk_does_not_take_is_none)
{
    const enum disk_mood moods[] = {DISK_FAILS, DISK_REFUSES};

    disk_set_mood(moods[_i]);
    bed_create(&one, NULL, PREFER_ASYNC, "@chat");
    disk_run();
    is_answered(&one, 500);
    ck_assert_uint_eq(attempts_begun, 0);
}
END_TEST

START_TEST(test_an_answer_that_the_disk_does_not_take_is_told_from_memory)
{
    const enum disk_mood moods[] = {DISK_FAILS, DISK_REFUSES};

    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    attempt_wants(7);
    disk_run();
    attempt_goes();
    disk_set_mood(moods[_i]);
    attempt_answers(201, "{\"made\":1}");
    disk_run();
    is_answered(&one, 201);
    bed_create(&two, "k", PREFER_NOTHING, "@chat");
    disk_run();
    is_answered(&two, 201);
    ck_assert(two.is_replayed);
    ck_assert_str_eq(two.text, one.text);
    disk_set_mood(DISK_WRITES);
}
END_TEST

static struct client many[5];

/* Appends the ids of a page; its next_cursor, or "". */
static const char *page(int64_t *ids, size_t *n, int limit, const char *cursor)
{
    bed_list_jobs(&two, limit, cursor);
    is_answered(&two, 200);
    json_t *j = json_loads(two.text, 0, NULL), *job;
    size_t i;

    json_array_foreach (json_object_get(j, "jobs"), i, job)
        ids[(*n)++] = strtoll(json_string_value(json_object_get(job, "id")), NULL, 10);
    json_decref(j);
    return client_says(&two, "next_cursor");
}

START_TEST(test_jobs_are_listed_in_pages_the_newest_first)
{
    int64_t ids[8];
    size_t n = 0;
    char cursor[64];

    for (int i = 0; i < 5; i++) {
        bed_net.clock.wall_us += i == 3 ? -2500 * 1000 : SECOND_US; /* the clock is set back */
        bed_create(&many[i], NULL, PREFER_ASYNC, "@chat");
        disk_run();
    }
    snprintf(cursor, sizeof(cursor), "%s", page(ids, &n, 2, NULL));
    ck_assert_uint_eq(n, 2);
    bed_net.clock.wall_us += 10 * SECOND_US; /* one more meanwhile is of no page behind it */
    bed_create(&one, NULL, PREFER_ASYNC, "@chat");
    disk_run();
    snprintf(cursor, sizeof(cursor), "%s", page(ids, &n, 2, cursor));
    ck_assert_uint_eq(n, 4);
    ck_assert_str_eq(page(ids, &n, 2, cursor), "");
    ck_assert_uint_eq(n, 5);
    const int order[] = {2, 1, 4, 0, 3};
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(ids[i] == bed_job_of(&many[order[i]]), "%zu", i);
    n = 0;
    ck_assert_str_eq(page(ids, &n, 6, NULL), "");
    ck_assert_uint_eq(n, 6);
    bed_list_jobs(&two, 2, "sandbox:7");
    is_answered(&two, 422);
}
END_TEST

Suite *suite_journal_jobs(void)
{
    Suite *suite = suite_create("journal_jobs");
    TCase *c = tcase_create("jobs");

    tcase_add_checked_fixture(c, bed_set_up, bed_tear_down);
    tcase_add_test(c, test_a_job_is_on_the_disk_before_its_202_leaves);
    tcase_add_loop_test(c, test_a_job_is_on_the_disk_before_a_repeats_202_leaves, 0, 2);
    tcase_add_loop_test(c, test_neither_time_nor_telegram_has_a_repeats_202_leave_before, 0, 2);
    tcase_add_test(c, test_a_repeats_end_is_on_the_disk_before_it_is_told);
    tcase_add_test(c, test_wait_is_as_long_as_it_says);
    tcase_add_test(c, test_a_504_ends_the_waiting_and_not_the_intent);
    tcase_add_test(c, test_what_cannot_be_repeated_is_not_and_that_is_told_again);
    tcase_add_test(c, test_a_job_is_tried_for_an_hour);
    tcase_add_test(c, test_a_job_waits_as_telegram_asks);
    tcase_add_loop_test(c, test_those_that_wait_for_the_same_go_on_in_their_order, 0, 2);
    tcase_add_test(c, test_a_longer_wait_before_it_holds_nothing_up);
    tcase_add_test(c, test_what_was_not_sent_is_cancelled_and_what_was_is_not);
    tcase_add_test(c, test_a_wait_is_cancelled_too);
    tcase_add_loop_test(c, test_nothing_goes_out_that_the_disk_does_not_take, 0, 2);
    tcase_add_loop_test(c, test_a_job_that_the_disk_does_not_take_is_none, 0, 2);
    tcase_add_loop_test(c, test_an_answer_that_the_disk_does_not_take_is_told_from_memory, 0, 2);
    tcase_add_test(c, test_jobs_are_listed_in_pages_the_newest_first);
    suite_add_tcase(suite, c);
    return suite;
}
