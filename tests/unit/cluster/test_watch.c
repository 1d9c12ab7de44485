#include "daemon/cluster/watch.h"

#include "daemon/base/clock.h"
#include "daemon/cluster/timing.h"
#include "tests/support/unit.h"
#include "tests/unit/cluster/suites.h"

#define LEASE_US (6 * SECOND_US)
#define GAP_US (3 * SECOND_US)

static struct cluster_node_row row(int64_t id, int64_t beat, int64_t until_us)
{
    return (struct cluster_node_row){.id = id, .name = "n", .lease_us = LEASE_US, .until_us = until_us, .beat = beat};
}

/* One row, at NOW_US, where the database says DB_NOW_US. */
static bool see(struct watch *w, int64_t now_us, int64_t db_now_us, struct cluster_node_row r)
{
    struct cluster_answer a = {.now_us = db_now_us, .nodes = &r, .nodes_n = 1};

    return watch_see(w, now_us, &a, GAP_US);
}

static int64_t due(struct watch *w)
{
    int64_t us;

    ck_assert_ptr_nonnull(watch_first_due(w, 1, &us));
    return us;
}

START_TEST(one_that_renews_is_not_due)
{
    struct watch w = {0};

    for (int64_t i = 0; i < 10; i++) {
        see(&w, i * 2 * SECOND_US, i * 2 * SECOND_US, row(2, i + 1, i * 2 * SECOND_US + LEASE_US));
        ck_assert_int_ge(due(&w), w.at_us + cluster_wait_us(LEASE_US));
    }
}
END_TEST

START_TEST(it_is_due_a_margin_after_the_lapse_by_both_clocks)
{
    struct watch w = {0};

    /* Renewed a second before it was seen. */
    see(&w, 0, 0, row(2, 1, 5 * SECOND_US));
    for (int64_t i = 1; i < 4; i++)
        see(&w, i * 2 * SECOND_US, i * 2 * SECOND_US, row(2, 1, 5 * SECOND_US));
    ck_assert_int_eq(due(&w), 7 * SECOND_US);
    /* The database's clock goes slowly, or was set back a bit. */
    see(&w, 6 * SECOND_US, 4 * SECOND_US, row(2, 1, 5 * SECOND_US));
    ck_assert_int_eq(due(&w), 8 * SECOND_US + 1);
}
END_TEST

START_TEST(the_databases_clock_alone_makes_nobody_due)
{
    struct watch w = {0};

    see(&w, 0, 0, row(2, 1, LEASE_US));
    see(&w, SECOND_US, 3600 * SECOND_US, row(2, 1, LEASE_US));
    ck_assert_int_eq(due(&w), cluster_wait_us(LEASE_US));
}
END_TEST

START_TEST(a_clock_that_was_set_back_keeps_nobody_for_ever)
{
    struct watch w = {0};

    see(&w, 0, 3600 * SECOND_US, row(2, 1, 3600 * SECOND_US + LEASE_US));
    see(&w, SECOND_US, 0, row(2, 1, 3600 * SECOND_US + LEASE_US));
    ck_assert_int_eq(due(&w), cluster_wait_us(LEASE_US));
}
END_TEST

START_TEST(who_could_not_look_begins_to_watch_anew)
{
    struct watch w = {0};

    see(&w, 0, 0, row(2, 1, LEASE_US));
    see(&w, 60 * SECOND_US, 60 * SECOND_US, row(2, 1, LEASE_US));
    ck_assert_int_eq(due(&w), 60 * SECOND_US + cluster_wait_us(LEASE_US));
}
END_TEST

START_TEST(each_is_held_to_its_own_lease)
{
    struct watch w = {0};
    struct cluster_node_row slow = row(2, 1, 60 * SECOND_US);

    slow.lease_us = 60 * SECOND_US;
    see(&w, 0, 0, slow);
    ck_assert_int_eq(due(&w), 70 * SECOND_US + 1);
}
END_TEST

START_TEST(who_comes_goes_or_leaves_is_a_change)
{
    struct cluster_node_row rows[] = {row(2, 1, 0), row(3, 1, 0), row(5, 1, 0)};
    struct cluster_answer a = {.nodes = rows, .nodes_n = 3};
    struct watch w = {0};

    ck_assert(watch_see(&w, 0, &a, GAP_US));
    rows[1].beat++;
    ck_assert(!watch_see(&w, 1, &a, GAP_US));
    rows[1].stage = CLUSTER_LEAVES;
    ck_assert(watch_see(&w, 2, &a, GAP_US));
    rows[1] = rows[2];
    a.nodes_n = 2;
    ck_assert(watch_see(&w, 3, &a, GAP_US));
    ck_assert(!watch_see(&w, 4, &a, GAP_US));
    /* One for the other. */
    rows[1].id = 6;
    ck_assert(watch_see(&w, 5, &a, GAP_US));
    ck_assert_ptr_nonnull(watch_find(&w, 2));
    ck_assert_ptr_null(watch_find(&w, 3));
    ck_assert_ptr_null(watch_find(&w, 5));
    ck_assert_ptr_nonnull(watch_find(&w, 6));
    ck_assert_int_eq(watch_find(&w, 2)->seen_us, 0);
    ck_assert_int_eq(watch_find(&w, 6)->seen_us, 5);
}
END_TEST

START_TEST(rows_that_no_node_wrote_overflow_nothing)
{
    static const int64_t extremes[] = {INT64_MIN, -1, 0, 1, INT64_MAX};

    for (size_t i = 0; i < 125; i++) {
        struct watch w = {0};
        struct cluster_node_row r = row(2, 1, extremes[i % 5]);
        r.lease_us = extremes[i / 5 % 5];
        see(&w, SECOND_US, extremes[i / 25], r);
        ck_assert_int_ge(due(&w), 2 * SECOND_US);
    }
}
END_TEST

START_TEST(of_too_many_the_first_are_seen)
{
    struct cluster_node_row rows[LIMIT_CLUSTER_NODES + 1];
    struct cluster_answer a = {.nodes = rows, .nodes_n = LIMIT_CLUSTER_NODES + 1};
    struct watch w = {0};

    for (int i = 0; i <= LIMIT_CLUSTER_NODES; i++)
        rows[i] = row(i + 1, 1, 0);
    watch_see(&w, 0, &a, GAP_US);
    ck_assert_uint_eq(w.n, LIMIT_CLUSTER_NODES);
    ck_assert_ptr_null(watch_find(&w, LIMIT_CLUSTER_NODES + 1));
}
END_TEST

Suite *suite_watch(void)
{
    Suite *s = suite_create("watch");
    TCase *c = tcase_create("watch");

    tcase_add_test(c, one_that_renews_is_not_due);
    tcase_add_test(c, it_is_due_a_margin_after_the_lapse_by_both_clocks);
    tcase_add_test(c, the_databases_clock_alone_makes_nobody_due);
    tcase_add_test(c, a_clock_that_was_set_back_keeps_nobody_for_ever);
    tcase_add_test(c, who_could_not_look_begins_to_watch_anew);
    tcase_add_test(c, each_is_held_to_its_own_lease);
    tcase_add_test(c, who_comes_goes_or_leaves_is_a_change);
    tcase_add_test(c, rows_that_no_node_wrote_overflow_nothing);
    tcase_add_test(c, of_too_many_the_first_are_seen);
    suite_add_tcase(s, c);
    return s;
}
