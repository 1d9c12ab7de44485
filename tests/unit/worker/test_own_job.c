/* What the daemon asks of itself is an intent like any client's: under the same key it is the same, after a kill too.
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/worker/own_job.h"
#include "tests/unit/worker/journal_bed.h"
#include "tests/unit/worker/journal_suites.h"

static struct own_job *own;
static struct heard {
    unsigned n;
    int status;
    bool was_under_way; /* when it was told */
    bool is_replayed;
} heard;

static void on_answer(void *ctx, const struct job *job)
{
    ck_assert_ptr_eq(ctx, &heard);
    heard.n++;
    heard.status = job->problem ? problem_status(job->problem) : job->status;
    heard.was_under_way = own != NULL;
    heard.is_replayed = job->is_replayed;
}

static void ask(enum job_method method, const char *key)
{
    struct own_order order = {.method = method,
                              .account = "anna",
                              .body = json_pack("{s:s}", "peer", "@chat"),
                              .key = key,
                              .name = "schedule-x"};

    heard = (struct heard){0};
    own = NULL;
    ck_assert_int_eq(own_job_ask(bed_worker, &order, on_answer, &heard, &own), 0);
}

static void is_heard(int status)
{
    ck_assert_uint_eq(heard.n, 1);
    ck_assert_int_eq(heard.status, status);
    ck_assert(!heard.was_under_way);
    ck_assert_ptr_null(own);
}

static int64_t random_id(void)
{
    return json_integer_value(json_object_get(json_object_get(disk_order(disk_only()), "body"), "random_id"));
}

START_TEST(test_with_a_key_it_is_an_intent)
{
    ask(JOB_CALL_CREATE, "schedule x 1 create");
    ck_assert_ptr_nonnull(own);
    ck_assert_str_eq(attempt()->account, "anna");
    attempt_wants(7);
    ck_assert(!attempt_may_go());
    disk_run();
    attempt_goes();
    attempt_answers(201, "{}");
    disk_run();
    is_heard(201);
    ask(JOB_CALL_CREATE, "schedule x 1 create");
    disk_run();
    is_heard(201);
    ck_assert(heard.is_replayed);
    ck_assert_uint_eq(attempts_begun, 1);
}
END_TEST

START_TEST(test_without_a_key_it_is_none)
{
    ask(JOB_PEER_PREFLIGHT, NULL);
    ck_assert_ptr_nonnull(own);
    ck_assert_ptr_null(attempt()->gate);
    attempt_answers(200, "{}");
    is_heard(200);
    ck_assert_uint_eq(disk_rows_n(), 0);
}
END_TEST

START_TEST(test_after_a_kill_it_is_the_same)
{
    ask(JOB_CALL_CREATE, "schedule x 1 create");
    attempt_wants(7);
    disk_run();
    attempt_goes();
    int64_t id = random_id();
    free(own); /* with the process */
    bed_kill();
    ask(JOB_CALL_CREATE, "schedule x 1 create");
    ck_assert(attempt()->is_again);
    ck_assert_int_eq(json_integer_value(json_object_get(attempt()->body, "random_id")), id);
    attempt_answers(201, "{}");
    disk_run();
    is_heard(201);
}
END_TEST

START_TEST(test_no_client_has_its_keys)
{
    static struct client c;

    ask(JOB_CALL_CREATE, "k");
    bed_create(&c, "k", PREFER_NOTHING, "@chat");
    ck_assert_uint_eq(attempts_n, 2);
}
END_TEST

START_TEST(test_who_left_hears_nothing_and_it_goes_on)
{
    ask(JOB_CALL_DISCARD, "schedule x 1 end");
    own_job_leave(own);
    ck_assert_ptr_null(own);
    own_job_leave(NULL);
    attempt_wants(0);
    disk_run();
    attempt_goes();
    attempt_answers(200, "{}");
    disk_run();
    ck_assert_uint_eq(heard.n, 0);
    ask(JOB_CALL_DISCARD, "schedule x 1 end");
    disk_run();
    is_heard(200);
}
END_TEST

START_TEST(test_a_timeout_ends_the_waiting_alone)
{
    ask(JOB_CALL_DISCARD, "schedule x 1 end");
    attempt_wants(0);
    disk_run();
    attempt_goes();
    attempt_times_out(true);
    disk_run();
    is_heard(504);
    ck_assert_uint_eq(attempts_n, 1);
    ask(JOB_CALL_DISCARD, "schedule x 1 end");
    attempt_answers(200, "{}");
    disk_run();
    is_heard(200);
}
END_TEST

START_TEST(test_what_is_settled_is_forgotten)
{
    ask(JOB_CALL_CREATE, "schedule x 1 create");
    own_job_settle(bed_worker, JOB_CALL_CREATE, NULL, "schedule x 1 create"); /* it has no answer yet */
    attempt_wants(7);
    disk_run();
    attempt_goes();
    attempt_answers(201, "{}");
    disk_run();
    is_heard(201);
    ck_assert_uint_eq(disk_rows_n(), 1);
    own_job_settle(bed_worker, JOB_CALL_CREATE, NULL, "schedule x 1 create");
    own_job_settle(bed_worker, JOB_CALL_CREATE, NULL, "schedule x 1 create");
    disk_run();
    ck_assert_uint_eq(disk_rows_n(), 0);
    ck_assert_uint_eq(bed_worker->journal->n, 0);
}
END_TEST

START_TEST(test_what_a_kill_left_open_is_forgotten_when_it_is_settled)
{
    ask(JOB_CALL_CREATE, "schedule x 1 create");
    attempt_wants(7);
    disk_run();
    attempt_goes();
    free(own); /* with the process */
    bed_kill();
    ck_assert_uint_eq(disk_rows_n(), 1);
    own_job_settle(bed_worker, JOB_CALL_CREATE, NULL, "schedule x 1 create");
    disk_run();
    ck_assert_uint_eq(disk_rows_n(), 0);
    ck_assert_uint_eq(bed_worker->journal->n, 0);
}
END_TEST

static enum own_job_rest withdraw(void)
{
    return own_job_withdraw(bed_worker, JOB_CALL_CREATE, NULL, "schedule x 1 create");
}

START_TEST(test_what_did_not_go_out_is_withdrawn)
{
    ck_assert_int_eq(withdraw(), OWN_JOB_NOTHING);
    ask(JOB_CALL_CREATE, "schedule x 1 create");
    ck_assert_int_eq(withdraw(), OWN_JOB_COMES); /* somebody waits */
    attempt_times_out(false);
    disk_run();
    is_heard(504);
    ck_assert_uint_eq(attempts_n, 1);
    ck_assert_int_eq(withdraw(), OWN_JOB_NOTHING);
    disk_run();
    ck_assert_uint_eq(disk_rows_n(), 0);
    ck_assert_uint_eq(bed_worker->journal->n, 0);
}
END_TEST

START_TEST(test_what_was_left_is_withdrawn_with_who_waited)
{
    ask(JOB_CALL_CREATE, "schedule x 1 create");
    attempt_wants(7);
    own_job_leave(own);
    ck_assert_int_eq(withdraw(), OWN_JOB_NOTHING);
    disk_run();
    ck_assert(!attempt_may_go());
    attempt_times_out(false);
    disk_run();
    ck_assert_uint_eq(heard.n, 0);
    ck_assert_uint_eq(attempts_n, 0);
    ck_assert_uint_eq(disk_rows_n(), 0);
    ck_assert_uint_eq(bed_worker->journal->n, 0);
}
END_TEST

START_TEST(test_what_was_left_and_went_out_goes_on)
{
    ask(JOB_CALL_CREATE, "schedule x 1 create");
    attempt_wants(7);
    disk_run();
    attempt_goes();
    own_job_leave(own);
    ck_assert_int_eq(withdraw(), OWN_JOB_COMES);
    attempt_answers(201, "{}");
    disk_run();
    ck_assert_uint_eq(heard.n, 0);
    ask(JOB_CALL_CREATE, "schedule x 1 create");
    disk_run();
    is_heard(201);
}
END_TEST

START_TEST(test_what_may_have_gone_out_is_not_withdrawn)
{
    ask(JOB_CALL_CREATE, "schedule x 1 create");
    attempt_wants(7);
    disk_run();
    attempt_goes();
    attempt_times_out(true);
    disk_run();
    is_heard(504);
    ck_assert_int_eq(withdraw(), OWN_JOB_COMES); /* it is asked for again */
    attempt_has_to_wait(5);
    disk_run();
    ck_assert_int_eq(withdraw(), OWN_JOB_DOUBT);
    ask(JOB_CALL_CREATE, "schedule x 1 create");
    ck_assert(attempt()->is_again);
    attempt_answers(201, "{}");
    disk_run();
    is_heard(201);
    ck_assert_int_eq(withdraw(), OWN_JOB_COMES);
}
END_TEST

Suite *suite_own_job(void)
{
    Suite *s = suite_create("own_job");
    TCase *t = tcase_create("own_job");

    tcase_add_checked_fixture(t, bed_set_up, bed_tear_down);
    tcase_add_test(t, test_with_a_key_it_is_an_intent);
    tcase_add_test(t, test_without_a_key_it_is_none);
    tcase_add_test(t, test_after_a_kill_it_is_the_same);
    tcase_add_test(t, test_no_client_has_its_keys);
    tcase_add_test(t, test_who_left_hears_nothing_and_it_goes_on);
    tcase_add_test(t, test_a_timeout_ends_the_waiting_alone);
    tcase_add_test(t, test_what_is_settled_is_forgotten);
    tcase_add_test(t, test_what_a_kill_left_open_is_forgotten_when_it_is_settled);
    tcase_add_test(t, test_what_did_not_go_out_is_withdrawn);
    tcase_add_test(t, test_what_was_left_is_withdrawn_with_who_waited);
    tcase_add_test(t, test_what_was_left_and_went_out_goes_on);
    tcase_add_test(t, test_what_may_have_gone_out_is_not_withdrawn);
    suite_add_tcase(s, t);
    return s;
}
