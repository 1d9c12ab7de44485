/* What a process finds of the one before, in whatever state that was killed. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/worker/journal_bed.h"
#include "tests/unit/worker/journal_suites.h"

static struct client one, two;

static int64_t random_id_of(const struct job *job)
{
    return json_integer_value(json_object_get(job->body, "random_id"));
}

static const char *state_of(int64_t id)
{
    bed_get_job(&two, id);
    return client_says(&two, "state");
}

START_TEST(test_a_job_that_was_not_sent_begins_anew)
{
    bed_create(&one, "k", PREFER_ASYNC, "@chat");
    disk_run();
    int64_t id = bed_job_of(&one), random_id = random_id_of(attempt());
    bed_kill();
    ck_assert_uint_eq(attempts_n, 1);
    ck_assert(!attempt()->is_again);
    ck_assert_int_eq(random_id_of(attempt()), random_id);
    attempt_answers(201, "{}");
    disk_run();
    ck_assert_str_eq(state_of(id), "done");
}
END_TEST

START_TEST(test_what_was_not_written_was_never_asked_for)
{
    bed_create(&one, "k", PREFER_ASYNC, "@chat");
    bed_kill();
    ck_assert(!one.is_answered);
    ck_assert_uint_eq(attempts_n, 0);
    ck_assert_uint_eq(disk_rows_n(), 0);
}
END_TEST

START_TEST(test_a_job_that_may_have_been_sent_goes_out_with_its_random_id)
{
    bed_create(&one, "k", PREFER_ASYNC, "@chat");
    disk_run();
    attempt_wants(77);
    disk_run();
    attempt_goes();
    bed_kill();
    ck_assert(attempt()->is_again);
    ck_assert_int_eq(random_id_of(attempt()), 77);
}
END_TEST

START_TEST(test_what_cannot_be_repeated_is_not)
{
    bed_invite(&one, "k", PREFER_ASYNC);
    disk_run();
    attempt_wants(0);
    disk_run();
    attempt_goes();
    bed_kill();
    ck_assert_uint_eq(attempts_n, 0);
    ck_assert_str_eq(state_of(bed_job_of(&one)), "failed");
    bed_invite(&two, "k", PREFER_NOTHING);
    disk_run();
    ck_assert_int_eq(two.status, 504);
    ck_assert(two.is_replayed);
    ck_assert_str_eq(client_says(&two, "sent"), "true");
}
END_TEST

START_TEST(test_what_had_only_its_client_waits_for_the_repeat)
{
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    attempt_wants(77);
    disk_run();
    attempt_goes();
    bed_kill();
    ck_assert_uint_eq(attempts_n, 0);
    bed_create(&two, "k", PREFER_NOTHING, "@chat");
    ck_assert(attempt()->is_again);
    ck_assert_int_eq(random_id_of(attempt()), 77);
    attempt_answers(201, "{}");
    disk_run();
    ck_assert_int_eq(two.status, 201);
    ck_assert(!two.is_replayed);
}
END_TEST

START_TEST(test_a_wait_goes_on_to_its_end)
{
    bed_create(&one, NULL, PREFER_ASYNC, "@chat");
    disk_run();
    attempt_has_to_wait(600);
    disk_run();
    fake_net_advance(&bed_net, 100 * SECOND_US);
    bed_kill();
    ck_assert_str_eq(state_of(bed_job_of(&one)), "waiting");
    fake_net_advance(&bed_net, 499 * SECOND_US);
    ck_assert_uint_eq(attempts_n, 0);
    fake_net_advance(&bed_net, SECOND_US);
    ck_assert_uint_eq(attempts_n, 1);
}
END_TEST

START_TEST(test_what_was_answered_is_told_again)
{
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    attempt_answers(201, "{\"made\":1}");
    disk_run();
    bed_kill();
    bed_create(&two, "k", PREFER_NOTHING, "@chat");
    disk_run();
    ck_assert_int_eq(two.status, 201);
    ck_assert(two.is_replayed);
    ck_assert_str_eq(two.text, one.text);
    bed_create(&two, "k", PREFER_NOTHING, "@other");
    ck_assert_int_eq(two.status, 422);
}
END_TEST

/* The answer came, and was told to nobody: it is not on the disk. */
START_TEST(test_an_answer_that_was_not_written_is_asked_for_again)
{
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    attempt_wants(77);
    disk_run();
    attempt_goes();
    attempt_answers(201, "{\"made\":1}");
    bed_kill();
    ck_assert(!one.is_answered);
    bed_create(&two, "k", PREFER_NOTHING, "@chat");
    ck_assert_int_eq(random_id_of(attempt()), 77);
    ck_assert(attempt()->is_again);
}
END_TEST

START_TEST(test_a_key_is_good_for_a_day)
{
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    attempt_answers(201, "{}");
    disk_run();
    fake_net_advance(&bed_net, 23 * 3600 * SECOND_US);
    disk_run();
    bed_kill();
    bed_create(&two, "k", PREFER_NOTHING, "@chat");
    disk_run();
    ck_assert(two.is_replayed);
    fake_net_advance(&bed_net, 3600 * SECOND_US + 1);
    bed_kill();
    bed_create(&two, "k", PREFER_NOTHING, "@chat");
    ck_assert_uint_eq(attempts_n, 1);
}
END_TEST

START_TEST(test_nothing_is_done_as_another_user)
{
    bed_create(&one, "k", PREFER_ASYNC, "@chat");
    disk_run();
    int64_t id = bed_job_of(&one);
    int err;
    bed_kill_and_load(&err);
    journal_find(bed_worker->journal, id)->user_id = 2002;
    journal_go_on(bed_worker->journal);
    disk_run();
    ck_assert_uint_eq(attempts_n, 0);
    ck_assert_str_eq(state_of(id), "failed");
}
END_TEST

START_TEST(test_of_two_rows_with_one_key_the_younger_one_counts)
{
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    attempt_answers(201, "{\"made\":1}");
    disk_run();
    struct store_intent older = disk_only()->intent;
    older.id = 5;
    older.created_us += _i ? SECOND_US : -SECOND_US;
    older.answer = NULL;
    disk_put(&older);
    bed_kill();
    ck_assert_uint_eq(bed_worker->journal->n, 1);
    ck_assert_uint_eq(disk_rows_n(), 1);
    ck_assert((disk_only()->intent.id == 5) == (_i == 1));
}
END_TEST

START_TEST(test_what_cannot_be_read_ends_the_start)
{
    uint8_t key[STORE_INTENT_KEY] = {1};
    const char *orders[] = {NULL, "{", "[]", "{\"method\":\"no_such\",\"print\":\"00\"}",
                            "{\"method\":\"call_create\",\"print\":\"00\"}"};
    int err;

    disk_put(&(struct store_intent){.id = 5,
                                    .account = "anna",
                                    .key = key,
                                    .created_us = bed_net.clock.wall_us,
                                    .order = orders[_i],
                                    .order_len = orders[_i] ? strlen(orders[_i]) : 0});
    bed_kill_and_load(&err);
    ck_assert_int_eq(err, TGC_EDAMAGED);
    ck_assert_uint_eq(disk_rows_n(), 1);
}
END_TEST

Suite *suite_journal_restart(void)
{
    Suite *suite = suite_create("journal_restart");
    TCase *c = tcase_create("kills");

    tcase_add_checked_fixture(c, bed_set_up, bed_tear_down);
    tcase_add_test(c, test_a_job_that_was_not_sent_begins_anew);
    tcase_add_test(c, test_what_was_not_written_was_never_asked_for);
    tcase_add_test(c, test_a_job_that_may_have_been_sent_goes_out_with_its_random_id);
    tcase_add_test(c, test_what_cannot_be_repeated_is_not);
    tcase_add_test(c, test_what_had_only_its_client_waits_for_the_repeat);
    tcase_add_test(c, test_a_wait_goes_on_to_its_end);
    tcase_add_test(c, test_what_was_answered_is_told_again);
    tcase_add_test(c, test_an_answer_that_was_not_written_is_asked_for_again);
    tcase_add_test(c, test_a_key_is_good_for_a_day);
    tcase_add_test(c, test_nothing_is_done_as_another_user);
    tcase_add_loop_test(c, test_of_two_rows_with_one_key_the_younger_one_counts, 0, 2);
    tcase_add_loop_test(c, test_what_cannot_be_read_ends_the_start, 0, 5);
    suite_add_tcase(suite, c);
    return suite;
}
