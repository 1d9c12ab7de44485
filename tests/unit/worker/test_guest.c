/* What lives on a worker's loop beside its accounts: when it is called, and how it ends. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/base/lease_gate.h"
#include "daemon/bridge/choose.h"
#include "daemon/net/gate.h"
#include "daemon/worker/worker.h"
#include "tests/unit/worker/fixture.h"
#include "tests/unit/worker/suites.h"

static struct workers workers;
static struct worker *host;
static struct chat_locks *locks;
static struct lease_gate gate = {LEASE_GATE_FOR_EVER};

/* A guest that notes what happens to it; on the host's thread but for what is atomic. */
static struct seen {
    struct guest guest;
    pthread_t thread;
    atomic_int turns, readable, leaves, stays;
    atomic_bool is_gate_open, is_closed, is_answered, is_to_hang, hangs;
    _Atomic int64_t due_us, last_us; /* what a turn returns; when the last one was */
    struct mailbox *asks;            /* where its first turn posts a job */
} seen;

static void set_up(void)
{
    struct fault fault = {0};

    ck_assert_int_eq(chat_locks_new(&locks), 0);
    struct worker_config config = config_of(&workers, locks, 10);
    config.gate = &gate;
    ck_assert_int_eq(directory_new(1, &workers.directory), 0);
    ck_assert_int_eq(worker_start(&config, &host, &fault), 0);
}

static void on_readable(void *ctx, size_t i)
{
    uint64_t count;

    ck_assert_uint_eq(i, 0);
    ck_assert_int_eq(read(seen.guest.fds[0], &count, sizeof(count)), sizeof(count));
    seen.readable++;
}

static void on_answer(struct job *job)
{
    ck_assert(pthread_equal(pthread_self(), seen.thread));
    ck_assert_int_eq(job->status, 200);
    job_free(job);
    seen.is_answered = true;
}

static int64_t on_turn(void *ctx)
{
    if (seen.turns++ == 0) {
        seen.thread = pthread_self();
        if (seen.asks) {
            struct job *job = job_new(JOB_ACCOUNT_LIST, NULL, NULL, NULL);
            job->deadline_us = clock_mono_us(&clock_system) + 600 * SECOND_US;
            job->done = on_answer;
            ck_assert_int_eq(mailbox_admit(seen.asks), 0);
            mailbox_post(seen.asks, job);
        }
    }
    seen.is_gate_open = net_gate_is_open(host->loop);
    seen.hangs = atomic_load(&seen.is_to_hang);
    while (atomic_load(&seen.is_to_hang))
        sched_yield();
    seen.last_us = clock_mono_us(&clock_system);
    return seen.due_us;
}

static bool on_leave(void *ctx)
{
    return ++seen.leaves > seen.stays;
}

static void on_close(void *ctx)
{
    ck_assert(pthread_equal(pthread_self(), seen.thread));
    close(seen.guest.fds[0]);
    seen.is_closed = true;
}

static void move_in(void)
{
    seen.due_us = INT64_MAX;
    seen.guest =
        (struct guest){.fds_n = 1, .readable = on_readable, .turn = on_turn, .leave = on_leave, .close = on_close};
    seen.guest.fds[0] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ck_assert_int_ge(seen.guest.fds[0], 0);
    ck_assert_int_eq(worker_host(host, &seen.guest), 0);
}

static void move_out(void)
{
    worker_close(host);
    worker_drain(host, clock_mono_us(&clock_system) + SECOND_US, NULL, NULL);
    worker_end(host);
    worker_join(host);
    ck_assert(seen.is_closed);
    worker_free(host);
    chat_locks_free(locks);
    directory_free(workers.directory);
}

static void await(atomic_int *what, int least)
{
    while (atomic_load(what) < least)
        sched_yield();
}

START_TEST(test_the_worker_s_loop_has_the_gate_and_turns_when_it_is_told_of_a_move)
{
    move_in();
    await(&seen.turns, 1);
    for (int i = 0; i < 3; i++) {
        lease_gate_move(&gate, LEASE_GATE_SHUT);
        worker_gate_moved(host);
        while (atomic_load(&seen.is_gate_open))
            sched_yield();
        lease_gate_move(&gate, LEASE_GATE_FOR_EVER);
        worker_gate_moved(host);
        while (!atomic_load(&seen.is_gate_open))
            sched_yield();
    }
    move_out();
}
END_TEST

START_TEST(test_a_loop_that_hangs_gives_no_sign)
{
    move_in();
    await(&seen.turns, 1);
    for (int i = 0; i < 3; i++) {
        worker_ask_sign(host);
        while (!worker_gave_sign(host))
            sched_yield();
    }
    seen.is_to_hang = true;
    seen.guest.wake(seen.guest.host);
    while (!atomic_load(&seen.hangs))
        sched_yield();
    worker_ask_sign(host);
    for (int i = 0; i < 100; i++) {
        ck_assert(!worker_gave_sign(host));
        sched_yield();
    }
    seen.is_to_hang = false;
    while (!worker_gave_sign(host))
        sched_yield();
    move_out();
}
END_TEST

START_TEST(test_it_has_its_turn_for_what_it_waits_by)
{
    move_in();
    for (int i = 1; i <= 3; i++) {
        int turns = seen.turns;
        ck_assert_int_eq(write(seen.guest.fds[0], &(uint64_t){1}, sizeof(uint64_t)), sizeof(uint64_t));
        await(&seen.readable, i);
        await(&seen.turns, turns + 1);
    }
    move_out();
}
END_TEST

/* A round has several turns: until none was for so long that it is over. */
static int turns_so_far(void)
{
    int turns;

    do {
        turns = seen.turns;
        usleep(20000);
    } while (turns != seen.turns);
    return turns;
}

START_TEST(test_it_has_its_turn_when_it_is_woken)
{
    move_in();
    for (int i = 0; i < 3; i++) {
        int turns = turns_so_far();
        seen.guest.wake(seen.guest.host);
        await(&seen.turns, turns + 1);
    }
    move_out();
}
END_TEST

START_TEST(test_it_has_its_turn_when_it_is_due)
{
    move_in();
    int turns = turns_so_far();
    int64_t due_us = clock_mono_us(&clock_system) + 200000;
    seen.due_us = due_us;
    seen.guest.wake(seen.guest.host);
    await(&seen.turns, turns + 2); /* so that the first has returned */
    seen.due_us = INT64_MAX;       /* for what comes after: that turn is asked for already, and nothing else is */
    while (seen.last_us < due_us)
        sched_yield();
    /* What is due for ever has it again and again. */
    seen.due_us = 0;
    turns = seen.turns;
    seen.guest.wake(seen.guest.host);
    await(&seen.turns, turns + 100);
    seen.due_us = INT64_MAX;
    move_out();
}
END_TEST

START_TEST(test_what_it_asks_of_its_host_is_answered_on_its_thread)
{
    seen.asks = workers.mailboxes[0];
    move_in();
    while (!seen.is_answered)
        sched_yield();
    move_out();
}
END_TEST

START_TEST(test_its_host_waits_for_it_to_leave)
{
    move_in();
    seen.stays = 5;
    move_out();
    ck_assert_int_eq(seen.leaves, 6);
}
END_TEST

Suite *suite_guest(void)
{
    Suite *s = suite_create("guest");
    TCase *t = tcase_create("guest");

    tcase_add_checked_fixture(t, set_up, NULL);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_the_worker_s_loop_has_the_gate_and_turns_when_it_is_told_of_a_move);
    tcase_add_test(t, test_a_loop_that_hangs_gives_no_sign);
    tcase_add_test(t, test_it_has_its_turn_for_what_it_waits_by);
    tcase_add_test(t, test_it_has_its_turn_when_it_is_woken);
    tcase_add_test(t, test_it_has_its_turn_when_it_is_due);
    tcase_add_test(t, test_what_it_asks_of_its_host_is_answered_on_its_thread);
    tcase_add_test(t, test_its_host_waits_for_it_to_leave);
    suite_add_tcase(s, t);
    return s;
}
