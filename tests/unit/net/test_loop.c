#include <pthread.h>
#include <stdbool.h>

#include "daemon/base/clock.h"
#include "daemon/net/loop.h"
#include "tests/unit/net/suites.h"

static struct net_loop *loop;
static char order[16];
static unsigned n;

static void set_up(void)
{
    n = 0;
    ck_assert_int_eq(net_loop_new(&clock_system, &loop), 0);
}

static void note(const char *what)
{
    order[n++] = what[0];
    order[n] = '\0';
}

static void on_due(void *ctx)
{
    note(ctx);
}

static void on_last(void *ctx)
{
    note(ctx);
    net_loop_stop(loop);
}

START_TEST(test_timers_come_in_the_order_of_their_deadlines)
{
    struct net_timer *a, *b, *c, *past, *never;
    int64_t now;

    ck_assert_int_eq(net_timer_new(loop, on_last, "c", &c), 0);
    ck_assert_int_eq(net_timer_new(loop, on_due, "b", &b), 0);
    ck_assert_int_eq(net_timer_new(loop, on_due, "a", &a), 0);
    ck_assert_int_eq(net_timer_new(loop, on_due, "p", &past), 0);
    ck_assert_int_eq(net_timer_new(loop, on_due, "n", &never), 0);
    /* Anew, if this thread was held up until one of them was over. */
    do {
        net_timer_stop(a);
        net_timer_stop(b);
        net_timer_stop(c);
        now = clock_mono_us(&clock_system);
        net_timer_set(c, now + 60000);
        net_timer_set(b, now + 40000);
        net_timer_set(a, now + 20000);
    } while (clock_mono_us(&clock_system) >= now + 20000);
    net_timer_set(past, now - SECOND_US);
    net_timer_set(never, now);
    net_timer_set(never, INT64_MAX);
    ck_assert_uint_eq(n, 0); /* even what is due comes from the loop */
    net_loop_run(loop);
    ck_assert_str_eq(order, "pabc");
    ck_assert_int_ge(clock_mono_us(&clock_system), now + 60000);
    net_timer_free(a);
    net_timer_free(b);
    net_timer_free(c);
    net_timer_free(past);
    net_timer_free(never);
    net_timer_free(NULL);
    net_loop_free(loop);
}
END_TEST

START_TEST(test_what_is_due_already_comes_in_the_order_in_which_it_was_set)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    struct net_timer *timers[4];
    int64_t now = clock_mono_us(&clock_system);

    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(net_timer_new(loop, i < 3 ? on_due : on_last, (char *)names[i], &timers[i]), 0);
    net_timer_set(timers[1], now - 5);
    net_timer_set(timers[0], now - 4);
    net_timer_set(timers[1], INT64_MAX);
    net_timer_set(timers[1], now - 3);
    net_timer_set(timers[2], now - 2);
    net_timer_set(timers[3], now - 1);
    net_loop_run(loop);
    ck_assert_str_eq(order, "abcd");
    for (int i = 0; i < 4; i++)
        net_timer_free(timers[i]);
    net_loop_free(loop);
}
END_TEST

enum { MOVED = 4 };

static struct moved {
    struct net_timer *timer;
    int64_t deadline_us; /* the last that was set; INT64_MAX: it is stopped */
    unsigned times;
} moved[MOVED];

static void on_moved(void *ctx)
{
    struct moved *m = ctx;

    m->times++;
    ck_assert_int_ge(clock_mono_us(&clock_system), m->deadline_us);
    if (++n == MOVED - 1)
        net_loop_stop(loop);
}

static void move(struct moved *m, int64_t deadline_us)
{
    m->deadline_us = deadline_us;
    net_timer_set(m->timer, deadline_us);
}

static void move_all(void *ctx)
{
    int64_t now = clock_mono_us(&clock_system);

    (void)ctx;
    move(&moved[0], now + 40000); /* later */
    move(&moved[1], now + 20000); /* sooner */
    move(&moved[2], INT64_MAX);   /* never */
    move(&moved[3], now - 1);     /* at once, and then later after all */
    move(&moved[3], now + 60000);
}

START_TEST(test_a_timer_that_was_moved_comes_once_and_not_before_its_last_deadline)
{
    struct net_timer *mover;
    int64_t now = clock_mono_us(&clock_system);

    /* In front of all of them, however late the loop begins. */
    ck_assert_int_eq(net_timer_new(loop, move_all, NULL, &mover), 0);
    net_timer_set(mover, 0);
    for (int i = 0; i < MOVED; i++) {
        moved[i] = (struct moved){0};
        ck_assert_int_eq(net_timer_new(loop, on_moved, &moved[i], &moved[i].timer), 0);
        move(&moved[i], now + (i % 2 ? SECOND_US : 5000));
    }
    net_loop_run(loop);
    for (int i = 0; i < MOVED; i++) {
        ck_assert_uint_eq(moved[i].times, moved[i].deadline_us != INT64_MAX);
        net_timer_free(moved[i].timer);
    }
    net_timer_free(mover);
    net_loop_free(loop);
}
END_TEST

enum { AGAIN = 100 };

static void on_again(void *ctx)
{
    struct net_timer **again = ctx;

    if (++n < AGAIN)
        net_timer_set(*again, 0);
}

/* Nothing else is there to wait for. */
START_TEST(test_a_timer_that_is_due_at_once_is_a_reason_to_go_on)
{
    struct net_timer *again;

    ck_assert_int_eq(net_timer_new(loop, on_again, &again, &again), 0);
    net_timer_set(again, 0);
    net_loop_run(loop);
    ck_assert_uint_eq(n, AGAIN);
    net_timer_free(again);
    net_loop_free(loop);
}
END_TEST

static void on_always(void *ctx)
{
    struct net_timer **always = ctx;

    net_timer_set(*always, 0);
}

static void stop_loop(void *ctx)
{
    (void)ctx;
    net_loop_stop(loop);
}

START_TEST(test_a_timer_that_is_always_due_does_not_hold_up_the_loop)
{
    struct net_timer *always, *end;

    ck_assert_int_eq(net_timer_new(loop, on_always, &always, &always), 0);
    ck_assert_int_eq(net_timer_new(loop, stop_loop, NULL, &end), 0);
    net_timer_set(always, 0);
    net_timer_set(end, clock_mono_us(&clock_system) + 10000);
    net_loop_run(loop); /* for ever, where it is held up */
    net_timer_free(always);
    net_timer_free(end);
    net_loop_free(loop);
}
END_TEST

/* The second is set by the first: both could be due in one round else, where a machine is slow. */
static struct look {
    struct net_timer *timer;
    int64_t deadline_us;
} looks[2];

static void set_look(struct look *look)
{
    look->deadline_us = clock_mono_us(&clock_system) + 5000;
    net_timer_set(look->timer, look->deadline_us);
}

static void look_at_clock(void *ctx)
{
    static int64_t wall_before;
    const struct look *look = ctx;
    int64_t shown = clock_mono_us(net_loop_clock(loop)), real = clock_mono_us(&clock_system);
    int64_t wall = clock_wall_us(net_loop_clock(loop));

    ck_assert_int_ge(shown, look->deadline_us);
    ck_assert_int_le(shown, real);
    while (clock_mono_us(&clock_system) == real)
        ;
    ck_assert_int_eq(clock_mono_us(net_loop_clock(loop)), shown);
    ck_assert_int_eq(clock_wall_us(net_loop_clock(loop)), wall);
    ck_assert_int_ne(wall, wall_before);
    wall_before = wall;
    if (++n == 2)
        net_loop_stop(loop);
    else
        set_look(&looks[1]);
}

START_TEST(test_the_loops_clock_stands_still_in_a_round_and_goes_on_with_the_next)
{
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(net_timer_new(loop, look_at_clock, &looks[i], &looks[i].timer), 0);
    set_look(&looks[0]);
    net_loop_run(loop);
    ck_assert_int_ge(clock_wall_us(net_loop_clock(loop)), SECOND_US);
    for (int i = 0; i < 2; i++)
        net_timer_free(looks[i].timer);
    net_loop_free(loop);
}
END_TEST

/* Only a turn behind a callback is noted. */
static bool on_turn(void *ctx)
{
    if (n && order[n - 1] != 't')
        note(ctx);
    return false;
}

START_TEST(test_a_turn_ends_each_round_of_callbacks)
{
    struct net_timer *first, *last;

    ck_assert_int_eq(net_timer_new(loop, on_due, "f", &first), 0);
    ck_assert_int_eq(net_timer_new(loop, on_last, "l", &last), 0);
    net_loop_on_turn(loop, on_turn, "t");
    net_timer_set(first, 0);
    net_timer_set(last, clock_mono_us(&clock_system) + 20000);
    net_loop_run(loop);
    ck_assert_str_eq(order, "ftlt");
    net_timer_free(first);
    net_timer_free(last);
    net_loop_free(loop);
}
END_TEST

enum { FINE_TIMERS = 40 };

static struct fine {
    struct net_timer *timer;
    int64_t deadline_us, fired_us;
} fine[FINE_TIMERS];

static void on_fine(void *ctx)
{
    struct fine *f = ctx;

    f->fired_us = clock_mono_us(&clock_system);
    if (++n == FINE_TIMERS)
        net_loop_stop(loop);
}

START_TEST(test_no_timer_comes_before_its_deadline)
{
    for (int i = 0; i < FINE_TIMERS; i++) {
        ck_assert_int_eq(net_timer_new(loop, on_fine, &fine[i], &fine[i].timer), 0);
        fine[i].deadline_us = clock_mono_us(&clock_system) + 5000 + 101 * i;
        net_timer_set(fine[i].timer, fine[i].deadline_us);
    }
    net_loop_run(loop);
    for (int i = 0; i < FINE_TIMERS; i++) {
        ck_assert_int_ge(fine[i].fired_us, fine[i].deadline_us);
        net_timer_free(fine[i].timer);
    }
    net_loop_free(loop);
}
END_TEST

/* A clock that runs at half the speed of the machine's. */
static int64_t half_mono(void *ctx)
{
    (void)ctx;
    return clock_mono_us(&clock_system) / 2;
}

static const struct clock_source half_clock = {half_mono, half_mono, NULL};

static void on_half(void *ctx)
{
    int64_t *fired_us = ctx;

    *fired_us = clock_mono_us(&half_clock);
    net_loop_stop(loop);
}

START_TEST(test_timers_keep_the_time_of_the_clock_that_was_handed_in)
{
    int64_t deadline_us = clock_mono_us(&half_clock) + 20000, fired_us = 0;
    struct net_timer *t;

    net_loop_free(loop);
    ck_assert_int_eq(net_loop_new(&half_clock, &loop), 0);
    ck_assert_int_eq(net_timer_new(loop, on_half, &fired_us, &t), 0);
    net_timer_set(t, deadline_us);
    net_loop_run(loop);
    ck_assert_int_ge(fired_us, deadline_us);
    net_timer_free(t);
    net_loop_free(loop);
}
END_TEST

static struct net_timer *self;

static void on_free_self(void *ctx)
{
    note(ctx);
    net_timer_free(self);
    net_loop_stop(loop);
}

START_TEST(test_a_timer_may_free_itself_and_one_that_is_freed_is_silent)
{
    struct net_timer *gone;
    int64_t now = clock_mono_us(&clock_system);

    ck_assert_int_eq(net_timer_new(loop, on_free_self, "s", &self), 0);
    ck_assert_int_eq(net_timer_new(loop, on_due, "g", &gone), 0);
    net_timer_set(gone, now);
    net_timer_set(self, now + 10000);
    net_timer_free(gone);
    net_loop_run(loop);
    ck_assert_str_eq(order, "s");
    net_loop_free(loop);
}
END_TEST

static struct net_wake *wake;
static unsigned signals_sent, woken;

static void *signaller(void *ctx)
{
    (void)ctx;
    for (int i = 0; i < 1000; i++) {
        __atomic_add_fetch(&signals_sent, 1, __ATOMIC_SEQ_CST);
        net_wake_signal(wake);
    }
    return NULL;
}

static void on_woken(void *ctx)
{
    (void)ctx;
    woken++;
    if (__atomic_load_n(&signals_sent, __ATOMIC_SEQ_CST) == 4000)
        net_loop_stop(loop);
}

START_TEST(test_signals_of_other_threads_wake_the_loop_and_may_become_one)
{
    pthread_t threads[4];

    ck_assert_int_eq(net_wake_new(loop, on_woken, NULL, &wake), 0);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, signaller, NULL), 0);
    net_loop_run(loop); /* the last signal is never lost, or this would not return */
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_ge(woken, 1);
    ck_assert_uint_le(woken, 4000);
    net_wake_free(wake);
    net_loop_free(loop);
}
END_TEST

struct slow {
    pthread_t worked_on;
    bool worked, done;
};

static void do_work(void *ctx)
{
    struct slow *s = ctx;

    s->worked_on = pthread_self();
    s->worked = true;
}

static void on_work_done(void *ctx)
{
    struct slow *s = ctx;

    ck_assert(s->worked);
    s->done = true;
    net_loop_stop(loop);
}

START_TEST(test_slow_work_runs_elsewhere_and_ends_on_the_loop)
{
    struct slow s = {0}, left = {0};

    ck_assert_int_eq(net_offload(loop, do_work, on_work_done, &s), 0);
    net_loop_run(loop);
    ck_assert(s.done && !pthread_equal(s.worked_on, pthread_self()));
    /* What is at work when the loop is freed is waited for. */
    ck_assert_int_eq(net_offload(loop, do_work, on_work_done, &left), 0);
    net_loop_free(loop);
    ck_assert(left.done);
}
END_TEST

Suite *suite_loop(void)
{
    Suite *s = suite_create("loop");
    TCase *t = tcase_create("loop");

    tcase_add_checked_fixture(t, set_up, NULL);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_timers_come_in_the_order_of_their_deadlines);
    tcase_add_test(t, test_what_is_due_already_comes_in_the_order_in_which_it_was_set);
    tcase_add_test(t, test_a_timer_that_was_moved_comes_once_and_not_before_its_last_deadline);
    tcase_add_test(t, test_a_timer_that_is_due_at_once_is_a_reason_to_go_on);
    tcase_add_test(t, test_a_timer_that_is_always_due_does_not_hold_up_the_loop);
    tcase_add_test(t, test_the_loops_clock_stands_still_in_a_round_and_goes_on_with_the_next);
    tcase_add_test(t, test_a_turn_ends_each_round_of_callbacks);
    tcase_add_test(t, test_no_timer_comes_before_its_deadline);
    tcase_add_test(t, test_timers_keep_the_time_of_the_clock_that_was_handed_in);
    tcase_add_test(t, test_a_timer_may_free_itself_and_one_that_is_freed_is_silent);
    tcase_add_test(t, test_signals_of_other_threads_wake_the_loop_and_may_become_one);
    tcase_add_test(t, test_slow_work_runs_elsewhere_and_ends_on_the_loop);
    suite_add_tcase(s, t);
    return s;
}
