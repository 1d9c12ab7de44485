/* Turns to make a key (tg/handshakes.h) on two loops, each in a thread of its own, as two workers have them. */
#include "daemon/tg/handshakes.h"

#include <pthread.h>
#include <stdatomic.h>

#include "tests/unit/worker/fixture.h"
#include "tests/unit/worker/suites.h"

enum { LANES = 2, PLACES = 8, AT_ONCE = 3, ROUNDS = 300, IMPATIENT = 5 };

struct lane;

struct turn {
    struct lane *lane;
    struct handshake_place place;
    struct net_timer *timer;
    bool is_held;
    unsigned rounds; /* that it had */
    unsigned asked;
};

struct lane {
    struct net_loop *loop;
    struct handshake_seat *seat;
    struct turn turns[PLACES];
    unsigned left; /* turns that have rounds before them */
    pthread_t thread;
};

static struct handshakes *all;
static struct lane lanes[LANES];
static atomic_int held, most, wrong;

static void had(struct turn *t)
{
    int now = atomic_fetch_add(&held, 1) + 1, before = atomic_load(&most);

    while (now > before && !atomic_compare_exchange_weak(&most, &before, now))
        ;
    t->is_held = true;
    t->rounds++;
    net_timer_set(t->timer, 0);
}

static void on_granted(void *ctx)
{
    struct turn *t = ctx;

    if (t->is_held || !handshake_is_held(&t->place))
        atomic_fetch_add(&wrong, 1);
    had(t);
}

/* Some do not have the patience to stand in line: they leave it while the other thread may be giving them the place. */
static void ask(struct turn *t)
{
    t->asked++;
    if (handshake_take(t->lane->seat, &t->place, t->asked % 2)) {
        had(t);
        return;
    }
    /* It may be given just now, but is not had before that was said. */
    if (handshake_is_held(&t->place))
        atomic_fetch_add(&wrong, 1);
    if (t->asked % IMPATIENT == 0)
        net_timer_set(t->timer, 0);
}

static void on_due(void *ctx)
{
    struct turn *t = ctx;

    if (t->is_held)
        atomic_fetch_sub(&held, 1);
    t->is_held = false;
    handshake_leave(&t->place);
    if (t->rounds < ROUNDS)
        ask(t);
    else if (--t->lane->left == 0)
        net_loop_stop(t->lane->loop);
}

static void *run(void *ctx)
{
    struct lane *l = ctx;

    for (int i = 0; i < PLACES; i++)
        ask(&l->turns[i]);
    net_loop_run(l->loop);
    return NULL;
}

static void open_lane(struct lane *l)
{
    *l = (struct lane){.left = PLACES};
    ck_assert_int_eq(net_loop_new(&clock_system, &l->loop), 0);
    ck_assert_int_eq(handshake_seat_new(all, l->loop, &l->seat), 0);
    for (int i = 0; i < PLACES; i++) {
        struct turn *t = &l->turns[i];
        *t = (struct turn){.lane = l, .place = {.granted = on_granted, .ctx = t}};
        ck_assert_int_eq(net_timer_new(l->loop, on_due, t, &t->timer), 0);
    }
}

static void close_lane(struct lane *l)
{
    for (int i = 0; i < PLACES; i++)
        net_timer_free(l->turns[i].timer);
    handshake_seat_free(l->seat);
    net_loop_free(l->loop);
}

START_TEST(test_two_threads_never_have_more_than_the_most_and_lose_no_place)
{
    struct handshake_place free_ones[AT_ONCE] = {0};

    ck_assert_int_eq(handshakes_new(AT_ONCE, &all), 0);
    for (int i = 0; i < LANES; i++)
        open_lane(&lanes[i]);
    for (int i = 0; i < LANES; i++)
        ck_assert_int_eq(pthread_create(&lanes[i].thread, NULL, run, &lanes[i]), 0);
    for (int i = 0; i < LANES; i++)
        pthread_join(lanes[i].thread, NULL);
    ck_assert_int_eq(atomic_load(&wrong), 0);
    ck_assert_int_eq(atomic_load(&held), 0);
    ck_assert_int_le(atomic_load(&most), AT_ONCE);
    ck_assert_int_ge(atomic_load(&most), 2);
    for (int i = 0; i < AT_ONCE; i++)
        ck_assert(handshake_take(lanes[0].seat, &free_ones[i], false));
    for (int i = 0; i < LANES; i++)
        close_lane(&lanes[i]);
    handshakes_free(all);
}
END_TEST

Suite *suite_turns(void)
{
    Suite *s = suite_create("turns");
    TCase *t = tcase_create("turns");

    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_two_threads_never_have_more_than_the_most_and_lose_no_place);
    suite_add_tcase(s, t);
    return s;
}
