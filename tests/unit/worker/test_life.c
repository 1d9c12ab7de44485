/* Workers with their threads and without Telegram: jobs in one batch, the stop, the mailbox's slots. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/bridge/choose.h"
#include "daemon/worker/worker.h"
#include "tests/unit/worker/fixture.h"
#include "tests/unit/worker/suites.h"

enum { JOBS = 300, THREADS = 3 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t one_more = PTHREAD_COND_INITIALIZER;
static unsigned answered;
static int statuses[600];
static struct workers workers;
static struct worker *threads[THREADS];

static void on_done(struct job *job)
{
    pthread_mutex_lock(&lock);
    answered++;
    statuses[job->problem ? problem_status(job->problem) : job->status]++;
    pthread_cond_signal(&one_more);
    pthread_mutex_unlock(&lock);
    job_free(job);
}

static void post_job(struct job *job)
{
    struct problem *problem;
    size_t worker;

    job->deadline_us = clock_mono_us(&clock_system) + 600 * SECOND_US;
    job->done = on_done;
    ck_assert_int_eq(choose_worker(workers.directory, job, &worker, &problem), 0);
    ck_assert_int_eq(mailbox_admit(workers.mailboxes[worker]), 0);
    mailbox_post(workers.mailboxes[worker], job);
}

static void post(enum job_method method, const char *where, const char *name)
{
    post_job(job_with(method, where, "name", name));
}

static unsigned answers(void)
{
    pthread_mutex_lock(&lock);
    unsigned n = answered;
    pthread_mutex_unlock(&lock);
    return n;
}

static void wait_for_answers(unsigned n)
{
    pthread_mutex_lock(&lock);
    while (answered < n)
        pthread_cond_wait(&one_more, &lock);
    pthread_mutex_unlock(&lock);
}

static void set_up(void)
{
    struct fault fault = {0};
    struct worker_config config = config_of(&workers, NULL, 1000);

    ck_assert_int_eq(directory_new(THREADS, &workers.directory), 0);
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(worker_start(&config, &threads[i], &fault), 0);
    ck_assert_uint_eq(workers.n, THREADS);
}

static void stop(int64_t deadline_us)
{
    for (size_t i = 0; i < THREADS; i++)
        worker_close(threads[i]);
    for (size_t i = 0; i < THREADS; i++)
        worker_drain(threads[i], deadline_us, NULL, NULL);
    for (size_t i = 0; i < THREADS; i++)
        worker_end(threads[i]);
    for (size_t i = 0; i < THREADS; i++)
        worker_join(threads[i]);
}

static void tear_down(void)
{
    for (size_t i = 0; i < THREADS; i++)
        worker_free(threads[i]);
    directory_free(workers.directory);
}

START_TEST(test_any_number_of_accounts_is_removed_in_one_batch)
{
    char name[16];

    for (int i = 0; i < JOBS; i++) {
        snprintf(name, sizeof(name), "a%d", i);
        post(JOB_ACCOUNT_CREATE, "body", name);
    }
    wait_for_answers(JOBS);
    for (int i = 0; i < JOBS; i++) {
        snprintf(name, sizeof(name), "a%d", i);
        post(JOB_ACCOUNT_DELETE, "path", name);
    }
    stop(clock_mono_us(&clock_system) + 10 * SECOND_US);
    ck_assert_uint_eq(answers(), 2 * JOBS);
    ck_assert_int_eq(statuses[201], JOBS);
    ck_assert_int_eq(statuses[200], JOBS);
}
END_TEST

START_TEST(test_a_stop_answers_what_is_inside_and_takes_nothing_more)
{
    for (int i = 0; i < JOBS; i++)
        post(JOB_ACCOUNT_LIST, "", "");
    for (size_t i = 0; i < THREADS; i++) {
        worker_close(threads[i]);
        ck_assert_int_eq(mailbox_admit(workers.mailboxes[i]), TGC_ECLOSED);
    }
    stop(0); /* no time to drain */
    ck_assert_uint_eq(answers(), JOBS);
    ck_assert_int_eq(statuses[200] + statuses[503], JOBS);
}
END_TEST

START_TEST(test_who_still_asks_after_the_stop_is_told_so)
{
    stop(0);
    for (size_t i = 0; i < THREADS; i++) {
        ck_assert_int_eq(mailbox_admit(workers.mailboxes[i]), TGC_ECLOSED);
        ck_assert_uint_eq(mailbox_used(workers.mailboxes[i]), 0);
    }
}
END_TEST

START_TEST(test_a_login_without_a_data_centre_is_refused_and_nothing_is_kept)
{
    post(JOB_ACCOUNT_CREATE, "body", "a");
    wait_for_answers(1);
    struct job *job = job_with(JOB_LOGIN, "path", "name", "a");
    json_object_set_new(job->body, "phone", json_string("+15550001"));
    post_job(job);
    wait_for_answers(2);
    post(JOB_ACCOUNT_LIST, "", "");
    wait_for_answers(3); /* the worker works on */
    stop(clock_mono_us(&clock_system) + SECOND_US);
    ck_assert_int_eq(statuses[201], 1);
    ck_assert_int_eq(statuses[200], 1);
    ck_assert_int_eq(statuses[502], 1);
}
END_TEST

Suite *suite_life(void)
{
    Suite *s = suite_create("life");
    TCase *t = tcase_create("life");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_any_number_of_accounts_is_removed_in_one_batch);
    tcase_add_test(t, test_a_stop_answers_what_is_inside_and_takes_nothing_more);
    tcase_add_test(t, test_who_still_asks_after_the_stop_is_told_so);
    tcase_add_test(t, test_a_login_without_a_data_centre_is_refused_and_nothing_is_kept);
    suite_add_tcase(s, t);
    return s;
}
