#include <stdbool.h>
#include <string.h>

#include "daemon/base/random.h"
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

START_TEST(the_same_seed_gives_the_same_bytes)
{
    struct random_seeded a, b, c;
    uint8_t x[40], y[40], z[40];

    random_seeded_init(&a, 7);
    random_seeded_init(&b, 7);
    random_seeded_init(&c, 8);
    struct random_source ra = random_seeded_source(&a), rb = random_seeded_source(&b), rc = random_seeded_source(&c);
    for (int i = 0; i < 3; i++) {
        random_fill(&ra, x, sizeof(x));
        random_fill(&rb, y, sizeof(y));
        random_fill(&rc, z, sizeof(z));
        ck_assert_int_eq(memcmp(x, y, sizeof(x)), 0);
        ck_assert_int_ne(memcmp(x, z, sizeof(x)), 0);
    }
}
END_TEST

START_TEST(successive_draws_differ)
{
    struct random_seeded a;

    random_seeded_init(&a, 1);
    struct random_source sources[] = {random_seeded_source(&a), random_system};
    for (size_t i = 0; i < 2; i++) {
        uint64_t last = random_u64(&sources[i]);
        for (int n = 0; n < 100; n++) {
            uint64_t now = random_u64(&sources[i]);
            ck_assert(now != last);
            last = now;
        }
    }
}
END_TEST

START_TEST(below_stays_below_and_reaches_every_value)
{
    struct random_seeded a;
    int seen[7] = {0};

    random_seeded_init(&a, 2);
    struct random_source r = random_seeded_source(&a);
    for (int i = 0; i < 1000; i++) {
        uint32_t v = random_below(&r, 7);
        ck_assert_uint_lt(v, 7);
        seen[v]++;
    }
    for (int i = 0; i < 7; i++)
        ck_assert_int_gt(seen[i], 80);
    ck_assert_uint_eq(random_below(&r, 0), 0);
    ck_assert_uint_eq(random_below(&r, 1), 0);
}
END_TEST

/* Hands out what a test wrote down. */
struct script {
    const uint32_t *next;
};

static void script_fill(void *ctx, void *out, size_t len)
{
    struct script *s = ctx;

    ck_assert_uint_eq(len, 4);
    memcpy(out, s->next++, 4);
}

START_TEST(values_that_would_lean_to_one_side_are_drawn_again)
{
    /* 2^32 mod 3 is 1: the value 0 is one too many. */
    static const uint32_t values[] = {0, 0, 5};
    struct script s = {values};
    struct random_source r = {script_fill, &s};

    ck_assert_uint_eq(random_below(&r, 3), 2);
    ck_assert_ptr_eq(s.next, values + 3);
}
END_TEST

/* Counts the draws; each gives the next bytes of a sequence. */
struct counted {
    unsigned draws;
    uint8_t next;
};

static void counted_fill(void *ctx, void *out, size_t len)
{
    struct counted *c = ctx;

    c->draws++;
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = c->next++;
}

START_TEST(a_pool_makes_one_draw_of_many_and_gives_no_byte_twice)
{
    struct counted c = {0};
    struct random_source from = {counted_fill, &c};
    struct random_pool pool;
    bool seen[256] = {false};
    uint8_t out[8], large[sizeof(pool.bytes) - 100];

    random_pool_init(&pool, &from);
    struct random_source r = random_pool_source(&pool);
    for (int i = 0; i < 256 / 8; i++) {
        random_fill(&r, out, sizeof(out));
        for (size_t k = 0; k < sizeof(out); k++) {
            ck_assert(!seen[out[k]]);
            seen[out[k]] = true;
        }
    }
    ck_assert_uint_eq(c.draws, 1);
    for (size_t i = pool.left; i < sizeof(pool.bytes); i++)
        ck_assert_uint_eq(pool.bytes[i], 0); /* what was handed out is gone */
    random_fill(&r, large, sizeof(large));
    ck_assert_uint_eq(c.draws, 2);
    for (size_t i = 0; i < (sizeof(pool.bytes) - 256) / 8; i++)
        random_fill(&r, out, sizeof(out));
    ck_assert_uint_eq(c.draws, 2);
    random_fill(&r, out, 1);
    ck_assert_uint_eq(c.draws, 3);
}
END_TEST

Suite *suite_random(void)
{
    Suite *s = suite_create("random");
    TCase *t = tcase_create("random");

    tcase_add_test(t, the_same_seed_gives_the_same_bytes);
    tcase_add_test(t, successive_draws_differ);
    tcase_add_test(t, below_stays_below_and_reaches_every_value);
    tcase_add_test(t, a_pool_makes_one_draw_of_many_and_gives_no_byte_twice);
    tcase_add_test(t, values_that_would_lean_to_one_side_are_drawn_again);
    suite_add_tcase(s, t);
    return s;
}
