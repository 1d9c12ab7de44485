/* Each case runs in a process of its own, which signals itself; its exit status says how far it came. */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/signals.h"
#include "tests/support/unit.h"
#include "tests/unit/program/suites.h"

enum { GOOD = 42 };

static int status_of(void (*body)(struct signals *s))
{
    pid_t child = fork();
    int status;

    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct signals *s;
        alarm(60);
        if (signals_new(&s) != 0)
            _exit(1);
        body(s);
        _exit(2);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

static void want(bool holds)
{
    if (!holds)
        _exit(3);
}

static void send(int signum)
{
    kill(getpid(), signum);
}

static void wait_for_hurry(struct signals *s)
{
    while (!signals_hurry(s))
        sched_yield();
}

static void two_behind_each_other(struct signals *s)
{
    send(SIGINT);
    send(SIGTERM);
    int first = signals_wait(s);
    want(first == SIGINT || first == SIGTERM);
    wait_for_hurry(s);
    want(signals_wait(s) == first);
    signals_free(s);
    _exit(GOOD);
}

static void one_is_no_hurry(struct signals *s)
{
    send(SIGTERM);
    want(signals_wait(s) == SIGTERM);
    send(SIGHUP);
    /* Until the thread has taken it the stop is told again. */
    while (signals_wait(s) != SIGHUP)
        sched_yield();
    want(!signals_hurry(s));
    signals_free(s);
    _exit(GOOD);
}

static void none_until_it_is_due(struct signals *s)
{
    int64_t due_us = clock_mono_us(&clock_system) + 1000;

    want(signals_wait_until(s, 0) == 0);
    want(signals_wait_until(s, due_us) == 0);
    want(clock_mono_us(&clock_system) >= due_us);
    send(SIGTERM);
    want(signals_wait_until(s, INT64_MAX) == SIGTERM);
    want(signals_wait_until(s, 0) == SIGTERM);
    signals_free(s);
    _exit(GOOD);
}

static void one_after_the_end(struct signals *s)
{
    signals_free(s);
    send(SIGINT);
    send(SIGTERM);
    send(SIGHUP);
    _exit(GOOD);
}

static void three(struct signals *s)
{
    send(SIGTERM);
    want(signals_wait(s) == SIGTERM);
    send(SIGTERM);
    wait_for_hurry(s);
    send(SIGTERM);
    for (;;)
        pause();
}

START_TEST(the_second_signal_is_a_value_like_the_first)
{
    int status = status_of(two_behind_each_other);

    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), GOOD);
}
END_TEST

START_TEST(a_sighup_hurries_nothing)
{
    int status = status_of(one_is_no_hurry);

    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), GOOD);
}
END_TEST

START_TEST(who_waits_until_a_time_waits_no_longer)
{
    int status = status_of(none_until_it_is_due);

    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), GOOD);
}
END_TEST

START_TEST(what_comes_after_the_end_spoils_nothing)
{
    int status = status_of(one_after_the_end);

    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), GOOD);
}
END_TEST

START_TEST(the_third_ends_the_process_at_once)
{
    int status = status_of(three);

    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGTERM);
}
END_TEST

Suite *suite_signals(void)
{
    Suite *s = suite_create("signals");
    TCase *t = tcase_create("signals");

    tcase_add_test(t, the_second_signal_is_a_value_like_the_first);
    tcase_add_test(t, a_sighup_hurries_nothing);
    tcase_add_test(t, who_waits_until_a_time_waits_no_longer);
    tcase_add_test(t, what_comes_after_the_end_spoils_nothing);
    tcase_add_test(t, the_third_ends_the_process_at_once);
    suite_add_tcase(s, t);
    return s;
}
