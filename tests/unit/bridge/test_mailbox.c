#include "tests/support/unit.h"
#include "tests/unit/bridge/suites.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "daemon/bridge/mailbox.h"

static void count_wake(void *ctx)
{
    ++*(int *)ctx;
}

static struct job *new_job(int64_t number)
{
    struct job *job = job_new(JOB_READY, NULL, NULL, NULL);

    ck_assert_ptr_nonnull(job);
    job->deadline_us = number;
    return job;
}

static void free_done(struct job *job)
{
    job_free(job);
}

START_TEST(admits_as_many_as_it_has_slots)
{
    int wakes = 0;
    struct mailbox *m;

    ck_assert_int_eq(mailbox_new(3, count_wake, &wakes, &m), 0);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(mailbox_admit(m), 0);
    ck_assert_int_eq(mailbox_admit(m), TGC_EBUSY);
    ck_assert_uint_eq(mailbox_used(m), 3);
    ck_assert_int_eq(wakes, 0);
    mailbox_post(m, new_job(1));
    struct job *job = mailbox_take(m);
    job->done = free_done;
    job_reply(job);
    mailbox_deliver(m);
    ck_assert_int_eq(mailbox_admit(m), 0);
    ck_assert_int_eq(mailbox_admit(m), TGC_EBUSY);
    mailbox_free(m);
}
END_TEST

START_TEST(a_taken_job_keeps_its_slot_until_its_answer_is_delivered)
{
    int wakes = 0;
    struct mailbox *m;

    ck_assert_int_eq(mailbox_new(1, count_wake, &wakes, &m), 0);
    ck_assert_int_eq(mailbox_admit(m), 0);
    struct job *job = new_job(1);
    job->done = free_done;
    mailbox_post(m, job);
    ck_assert_ptr_eq(mailbox_take(m), job);
    ck_assert_int_eq(mailbox_admit(m), TGC_EBUSY);
    job_reply(job);
    ck_assert_int_eq(mailbox_admit(m), TGC_EBUSY);
    mailbox_deliver(m);
    ck_assert_uint_eq(mailbox_used(m), 0);
    ck_assert_int_eq(mailbox_admit(m), 0);
    mailbox_free(m);
}
END_TEST

START_TEST(wakes_only_when_the_list_was_empty_and_keeps_the_order)
{
    int wakes = 0;
    struct mailbox *m;

    ck_assert_int_eq(mailbox_new(10, count_wake, &wakes, &m), 0);
    ck_assert_ptr_null(mailbox_take(m));
    for (int round = 1; round <= 2; round++) {
        for (int i = 0; i < 5; i++) {
            ck_assert_int_eq(mailbox_admit(m), 0);
            mailbox_post(m, new_job(i));
        }
        ck_assert_int_eq(wakes, round);
        int expected = 0;
        for (struct job *job = mailbox_take(m), *next; job; job = next) {
            next = job->next;
            ck_assert_int_eq(job->deadline_us, expected++);
            job->done = free_done;
            job_reply(job);
        }
        mailbox_deliver(m);
        ck_assert_int_eq(expected, 5);
        ck_assert_ptr_null(mailbox_take(m));
    }
    mailbox_free(m);
}
END_TEST

static void *post_three(void *ctx)
{
    struct mailbox *m = ctx;

    for (int i = 0; i < 3; i++)
        mailbox_post(m, new_job(10 + i));
    return NULL;
}

START_TEST(what_its_own_thread_posts_wakes_nobody)
{
    int wakes = 0, seen = 0;
    struct mailbox *m;
    pthread_t other;
    int64_t last[2] = {-1, 9};

    ck_assert_int_eq(mailbox_new(6, count_wake, &wakes, &m), 0);
    mailbox_own(m);
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(mailbox_admit(m), 0);
    for (int i = 0; i < 3; i++)
        mailbox_post(m, new_job(i));
    ck_assert_int_eq(wakes, 0);
    ck_assert_int_eq(pthread_create(&other, NULL, post_three, m), 0);
    pthread_join(other, NULL);
    ck_assert_int_eq(wakes, 1);
    /* Each poster's are in their order. */
    for (struct job *job = mailbox_take(m), *next; job; job = next, seen++) {
        int64_t *before = &last[job->deadline_us >= 10];
        next = job->next;
        ck_assert_int_eq(job->deadline_us, *before + 1);
        *before = job->deadline_us;
        job->done = free_done;
        job_reply(job);
    }
    ck_assert_int_eq(seen, 6);
    ck_assert(mailbox_has_answers(m));
    mailbox_deliver(m);
    ck_assert(!mailbox_has_answers(m));
    ck_assert_uint_eq(mailbox_used(m), 0);
    mailbox_free(m);
}
END_TEST

START_TEST(a_closed_one_admits_nobody_but_ends_what_is_inside)
{
    int wakes = 0;
    struct mailbox *m;

    ck_assert_int_eq(mailbox_new(2, count_wake, &wakes, &m), 0);
    ck_assert_int_eq(mailbox_admit(m), 0);
    mailbox_close(m);
    ck_assert_int_eq(mailbox_admit(m), TGC_ECLOSED);
    mailbox_post(m, new_job(7));
    struct job *job = mailbox_take(m);
    ck_assert_int_eq(job->deadline_us, 7);
    job->done = free_done;
    job_reply(job);
    mailbox_deliver(m);
    ck_assert_uint_eq(mailbox_used(m), 0);
    mailbox_free(m);
}
END_TEST

static int64_t delivered[8];
static size_t delivered_n;

static void note_done(struct job *job)
{
    delivered[delivered_n++] = job->deadline_us;
    job_free(job);
}

START_TEST(answers_are_delivered_together_in_the_order_of_the_replies)
{
    static const int order[] = {2, 0, 1};
    struct job *jobs[3];
    int wakes = 0;
    struct mailbox *m;

    ck_assert_int_eq(mailbox_new(3, count_wake, &wakes, &m), 0);
    mailbox_deliver(m); /* nothing yet */
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(mailbox_admit(m), 0);
        jobs[i] = new_job(i);
        jobs[i]->done = note_done;
        mailbox_post(m, jobs[i]);
    }
    ck_assert_ptr_eq(mailbox_take(m), jobs[0]);
    for (int i = 0; i < 3; i++)
        job_reply(jobs[order[i]]);
    ck_assert_uint_eq(delivered_n, 0);
    mailbox_deliver(m);
    ck_assert_uint_eq(delivered_n, 3);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(delivered[i], order[i]);
    mailbox_deliver(m);
    ck_assert_uint_eq(delivered_n, 3);
    mailbox_free(m);
}
END_TEST

enum { POSTERS = 4, JOBS_EACH = 2000 };

struct shared {
    struct mailbox *m;
    pthread_mutex_t lock;
    pthread_cond_t rung;
    bool ring;
    atomic_int replied;
};

static void ring(void *ctx)
{
    struct shared *s = ctx;

    pthread_mutex_lock(&s->lock);
    s->ring = true;
    pthread_cond_signal(&s->rung);
    pthread_mutex_unlock(&s->lock);
}

static void count_done(struct job *job)
{
    struct shared *s = job->done_ctx;

    job_free(job);
    atomic_fetch_add(&s->replied, 1);
}

static void *post_many(void *ctx)
{
    struct shared *s = ctx;

    for (int i = 0; i < JOBS_EACH;) {
        if (mailbox_admit(s->m) != 0) {
            sched_yield();
            continue;
        }
        struct job *job = job_new(JOB_READY, NULL, NULL, NULL);
        job->done = count_done;
        job->done_ctx = s;
        mailbox_post(s->m, job);
        i++;
    }
    return NULL;
}

/* The worker sleeps until it is woken; a lost wake-up would hang the test. */
START_TEST(many_threads_lose_no_job_and_no_wake_up)
{
    struct shared s = {.lock = PTHREAD_MUTEX_INITIALIZER, .rung = PTHREAD_COND_INITIALIZER};
    pthread_t posters[POSTERS];
    int taken = 0;

    ck_assert_int_eq(mailbox_new(16, ring, &s, &s.m), 0);
    for (int i = 0; i < POSTERS; i++)
        ck_assert_int_eq(pthread_create(&posters[i], NULL, post_many, &s), 0);
    while (taken < POSTERS * JOBS_EACH) {
        pthread_mutex_lock(&s.lock);
        while (!s.ring)
            pthread_cond_wait(&s.rung, &s.lock);
        s.ring = false;
        pthread_mutex_unlock(&s.lock);
        for (struct job *job = mailbox_take(s.m), *next; job; job = next) {
            next = job->next;
            taken++;
            job_reply(job);
        }
        mailbox_deliver(s.m);
    }
    for (int i = 0; i < POSTERS; i++)
        pthread_join(posters[i], NULL);
    ck_assert_int_eq(atomic_load(&s.replied), POSTERS * JOBS_EACH);
    ck_assert_uint_eq(mailbox_used(s.m), 0);
    mailbox_free(s.m);
}
END_TEST

Suite *suite_mailbox(void)
{
    Suite *s = suite_create("mailbox");
    TCase *t = tcase_create("mailbox");

    tcase_add_test(t, admits_as_many_as_it_has_slots);
    tcase_add_test(t, a_taken_job_keeps_its_slot_until_its_answer_is_delivered);
    tcase_add_test(t, wakes_only_when_the_list_was_empty_and_keeps_the_order);
    tcase_add_test(t, what_its_own_thread_posts_wakes_nobody);
    tcase_add_test(t, a_closed_one_admits_nobody_but_ends_what_is_inside);
    tcase_add_test(t, answers_are_delivered_together_in_the_order_of_the_replies);
    tcase_add_test(t, many_threads_lose_no_job_and_no_wake_up);
    suite_add_tcase(s, t);
    return s;
}
