/* Worlds by seed: first everything goes wrong, and what must never be is looked for after each step (model_check.c);
 * then it is calm, and what must come is waited for. TGCALLD_SEEDS=N asks for more worlds, TGCALLD_SEED=N for one
 * alone. */
#include "tests/unit/cluster/model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/cluster/timing.h"
#include "tests/support/unit.h"
#include "tests/unit/cluster/suites.h"

enum { SEEDS = 2000 };

/* The slowest clock's. */
#define SLOW(us) ((us) + (us) / 50)
/* A statement that was given up is executed, and a worker stops, so late at most. */
#define LATE_US (35 * SECOND_US)
#define TRIP_US (10 * INT64_C(1000))
#define STOP_US (50 * INT64_C(1000))

static int64_t bound_us(void)
{
    return SLOW(cluster_wait_us(MODEL_LEASE_US) + 3 * cluster_renew_us(MODEL_LEASE_US)) + 10 * TRIP_US;
}

static void check_even(const struct model *m)
{
    size_t alive = model_alive(m);

    ck_assert_msg(model_is_all_held(m), "seed %" PRIu64 ": an account is nobody's", m->seed);
    for (size_t i = 0; i < MODEL_PLACES; i++) {
        const struct model_place *p = &m->places[i];
        size_t n = model_count(m, p), even = MODEL_SHARED / alive;
        if (p->node && !p->is_leaving)
            ck_assert_msg(n == even || n == even + 1, "seed %" PRIu64 ": %s has %zu of %d, among %zu", m->seed, p->name,
                          n, MODEL_SHARED, alive);
    }
}

/* No order without a cause. */
static void check_quiet(struct model *m)
{
    int64_t orders = m->orders;

    check_even(m);
    model_run(m, m->now_us + 4 * MODEL_LEASE_US, NULL);
    ck_assert_msg(m->orders == orders, "seed %" PRIu64 ": %" PRId64 " orders, and nothing has happened", m->seed,
                  m->orders - orders);
}

static void note_holders(const struct model *m, size_t *ret)
{
    for (size_t i = 0; i < MODEL_ACCOUNTS; i++)
        ret[i] = model_holder(m, i);
}

/* Exactly those moved that were FROM's (MODEL_PLACES: anybody's), and N of them. */
static void check_moved(const struct model *m, const size_t *before, size_t from, size_t n)
{
    size_t moved = 0;

    for (size_t i = 0; i < MODEL_ACCOUNTS; i++) {
        if (model_holder(m, i) == before[i] || (i == CLUSTER_LEAD && before[i] == from))
            continue;
        moved++;
        ck_assert_msg(from == MODEL_PLACES || before[i] == from, "seed %" PRIu64 ": %zu moved for no reason", m->seed,
                      i);
    }
    ck_assert_msg(moved == n, "seed %" PRIu64 ": %zu moved, %zu had to", m->seed, moved, n);
}

static struct model_place *some_place(struct model *m, bool is_alive)
{
    size_t first = model_random(m, MODEL_PLACES);

    for (size_t i = 0; i < MODEL_PLACES; i++) {
        struct model_place *p = &m->places[(first + i) % MODEL_PLACES];
        if (!p->node == !is_alive)
            return p;
    }
    return NULL;
}

static void expect_all_held(struct model *m, int64_t within_us)
{
    ck_assert_msg(model_run(m, m->now_us + within_us, model_is_all_held), "seed %" PRIu64 ": not all are held in time",
                  m->seed);
    model_run(m, m->now_us + 2 * MODEL_LEASE_US, NULL);
}

/* The others have what it had, in the time of its lease, a margin and a few renewals. */
static void kill_one(struct model *m, struct model_place *p, const size_t *before)
{
    size_t n = model_count(m, p);

    model_kill(m, p);
    expect_all_held(m, bound_us());
    check_moved(m, before, (size_t)(p - m->places), n);
}

/* What one was told to stop is another's when it has stopped: released, told of, looked at, taken. */
static void term_one(struct model *m, struct model_place *p, const size_t *before)
{
    size_t n = model_count(m, p);

    m->gap_us = 0;
    model_term(m, p);
    model_run(m, m->now_us + SLOW(STOP_US) + 10 * TRIP_US, NULL);
    ck_assert(!p->node);
    expect_all_held(m, 0);
    check_moved(m, before, (size_t)(p - m->places), n);
    ck_assert_msg(m->gap_us <= 6 * TRIP_US, "seed %" PRIu64 ": nobody's for %" PRId64 " us", m->seed, m->gap_us);
}

/* It gets its share, and no account goes anywhere else. */
static void join_one(struct model *m, struct model_place *p, const size_t *before)
{
    char name[16];

    snprintf(name, sizeof(name), "new%d", (int)(p - m->places));
    model_start(m, p, name);
    model_run(m, m->now_us + MODEL_LEASE_US, NULL);
    ck_assert_uint_eq(model_count(m, p), MODEL_SHARED / model_alive(m));
    check_moved(m, before, MODEL_PLACES, MODEL_SHARED / model_alive(m));
}

/* Its accounts wait for the lease of the one before to lapse, and nobody else's move. */
static void restart_one(struct model *m, struct model_place *p, const size_t *before)
{
    char name[16];
    size_t moved = 0;

    memcpy(name, p->name, sizeof(name));
    model_kill(m, p);
    model_run(m, m->now_us + model_between(m, 0, 2 * SECOND_US), NULL);
    model_start(m, p, name);
    expect_all_held(m, bound_us());
    for (size_t i = 0; i < MODEL_ACCOUNTS; i++)
        moved += model_holder(m, i) != before[i] && before[i] != (size_t)(p - m->places);
    ck_assert_msg(!moved, "seed %" PRIu64 ": %zu moved for no reason", m->seed, moved);
}

/* Stopped for longer than its lease, it finds that all is another's, and gets its share anew. */
static void stop_one(struct model *m, struct model_place *p, const size_t *before)
{
    (void)before;
    p->stopped_until_us = m->now_us + 3 * MODEL_LEASE_US;
    model_run(m, m->now_us + bound_us(), NULL);
    ck_assert_msg(model_is_all_held(m), "seed %" PRIu64 ": not all are held in time", m->seed);
    model_run(m, m->now_us + 4 * MODEL_LEASE_US, NULL);
}

/* Nobody moves because the database was away: everybody stops, and everybody goes on. */
static void be_away(struct model *m, struct model_place *p, const size_t *before)
{
    (void)p;
    m->away_until_us = m->now_us + model_between(m, 0, 60 * SECOND_US);
    model_run(m, m->away_until_us + SLOW(LATE_US), NULL);
    check_moved(m, before, MODEL_PLACES, 0);
}

static const struct {
    void (*act)(struct model *m, struct model_place *p, const size_t *before);
    size_t alive_min, alive_max;
} acts[] = {
    {kill_one, 2, MODEL_PLACES},    {term_one, 2, MODEL_PLACES}, {join_one, 1, MODEL_PLACES - 1},
    {restart_one, 1, MODEL_PLACES}, {stop_one, 2, MODEL_PLACES}, {be_away, 1, MODEL_PLACES},
};

static void act(struct model *m)
{
    size_t before[MODEL_ACCOUNTS], alive = model_alive(m), i;

    do
        i = model_random(m, sizeof(acts) / sizeof(acts[0]));
    while (alive < acts[i].alive_min || alive > acts[i].alive_max);
    note_holders(m, before);
    acts[i].act(m, some_place(m, acts[i].act != join_one), before);
    check_quiet(m);
}

static void sum_up(struct model *all, const struct model *m)
{
    uint64_t *to = (uint64_t *)&all->seen;
    const uint64_t *from = (const uint64_t *)&m->seen;

    for (size_t i = 0; i < sizeof(m->seen) / sizeof(*to); i++)
        to[i] += from[i];
}

static void live(uint64_t seed, struct model *all)
{
    static struct model m;
    size_t n;

    model_init(&m, seed);
    n = 1 + model_random(&m, MODEL_PLACES);
    for (size_t i = 0; i < n; i++) {
        char name[16];
        snprintf(name, sizeof(name), "n%d", (int)i);
        model_start(&m, &m.places[i], name);
    }
    model_begin_chaos(&m);
    model_run(&m, model_between(&m, 20 * SECOND_US, 150 * SECOND_US), NULL);
    model_end_chaos(&m);
    model_run(&m, m.now_us + LATE_US + bound_us() + 2 * MODEL_LEASE_US, NULL);
    check_quiet(&m);
    for (int i = 0; i < 3; i++)
        act(&m);
    sum_up(all, &m);
    model_fini(&m);
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

START_TEST(whatever_goes_wrong_an_account_is_at_one_node)
{
    static struct model all;
    uint64_t one = from_environment("TGCALLD_SEED", 0), seeds = from_environment("TGCALLD_SEEDS", SEEDS);

    if (one) {
        live(one, &all);
        return;
    }
    for (uint64_t seed = 1; seed <= seeds; seed++)
        live(seed, &all);
    fprintf(stderr,
            "%" PRIu64 " worlds: %" PRIu64 " kills, %" PRIu64 " stops, %" PRIu64 " terms, %" PRIu64
            " times no database, %" PRIu64 " statements that went astray; %" PRIu64
            " accounts told that they are lost, "
            "%" PRIu64 " nodes buried, %" PRIu64 " moves, %" PRIu64 " writes, %" PRIu64 " of them refused\n",
            seeds, all.seen.kills, all.seen.stops, all.seen.terms, all.seen.aways, all.seen.late, all.seen.lapses,
            all.seen.buried, all.seen.moves, all.seen.writes, all.seen.refused_writes);
    /* A model in which nothing goes wrong would prove nothing. */
    ck_assert_uint_gt(all.seen.kills, seeds);
    ck_assert_uint_gt(all.seen.stops, seeds);
    ck_assert_uint_gt(all.seen.terms, seeds);
    ck_assert_uint_gt(all.seen.aways, seeds / 2);
    ck_assert_uint_gt(all.seen.late, seeds);
    ck_assert_uint_gt(all.seen.buried, seeds);
    ck_assert_uint_gt(all.seen.refused_writes, seeds);
}
END_TEST

Suite *suite_model(void)
{
    Suite *s = suite_create("model");
    TCase *c = tcase_create("model");

    tcase_set_timeout(c, 60);
    tcase_add_test(c, whatever_goes_wrong_an_account_is_at_one_node);
    suite_add_tcase(s, c);
    return s;
}
