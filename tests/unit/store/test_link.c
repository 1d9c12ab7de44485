/* A node among those at a server, as its thread carries it. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/cluster_link.h"
#include "daemon/store/cluster_sql.h"
#include "tests/support/temp.h"
#include "tests/unit/store/db_bed.h"
#include "tests/unit/store/suites.h"

#define LEASE_US SECOND_US
#define LONG_US (20 * SECOND_US)

static atomic_int shut; /* how often the gate was */

static int64_t after(int64_t us)
{
    return clock_mono_us(&clock_system) + us;
}

static void on_gate(void *ctx, int64_t until_us)
{
    (void)ctx;
    if (until_us == INT64_MIN)
        atomic_fetch_add(&shut, 1);
}

static void on_lead(void *ctx, bool died)
{
    (void)ctx, (void)died;
}

static void on_taken(void)
{
    abort();
}

static struct cluster_link *open_link(void)
{
    const struct cluster_link_config config = {.url = bed_config.url,
                                               .name = "one",
                                               .advertise = "",
                                               .lease_us = LEASE_US,
                                               .clock = &clock_system,
                                               .gate = on_gate,
                                               .leads = on_lead,
                                               .taken = on_taken};
    struct cluster_link *l;

    must(cluster_link_new(&config, &l, &fault));
    return l;
}

/* Until the number that SQL gives is N; something is told with each change. */
static void await(struct db *db, const char *sql, int64_t n)
{
    int64_t until_us = after(LONG_US);
    bool is_told;

    while (number(db, sql) != n) {
        ck_assert_int_lt(clock_mono_us(&clock_system), until_us);
        must(db_wait(db, -1, after(SECOND_US / 10), &is_told, &fault));
    }
}

START_TEST(a_lease_that_somebody_removed_is_put_back_and_the_accounts_stay)
{
    struct db *db = open_one(true, 0);
    struct cluster_link *l = open_link();

    ck_assert(cluster_link_wait(l, after(LONG_US)));
    int64_t epoch = number(db, "SELECT epoch FROM tgcalld_lease");
    atomic_store(&shut, 0);
    must(db_exec(db, "LISTEN tgcalld_lease", &fault));
    must(db_exec(db, "DELETE FROM tgcalld_lease", &fault));
    await(db, "SELECT count(*) FROM tgcalld_lease", 1);
    ck_assert_int_eq(number(db, "SELECT epoch FROM tgcalld_lease"), epoch);
    ck_assert_int_eq(number(db, "SELECT n.id = l.node FROM tgcalld_node AS n, tgcalld_lease AS l"), 1);
    ck_assert(cluster_link_wait(l, 0));
    ck_assert_int_eq(atomic_load(&shut), 0);
    ck_assert(cluster_link_free(l));
    db_close(db);
}
END_TEST

START_TEST(a_lease_that_nobody_puts_back_is_made_anew)
{
    struct db *db = open_one(true, 0);

    must(cluster_sql_prepare(db, &fault));
    number(db, "SELECT nextval('tgcalld_node_id')");
    must(db_exec(db, "DELETE FROM tgcalld_lease", &fault));
    struct cluster_link *l = open_link();
    ck_assert(cluster_link_wait(l, after(LONG_US)));
    ck_assert_int_gt(number(db, "SELECT epoch FROM tgcalld_lease"), 1);
    ck_assert(cluster_link_free(l));
    db_close(db);
}
END_TEST

/* Of a node that died before the database's clock was set back by an hour. */
START_TEST(a_node_that_died_keeps_none_of_its_name_waiting_whatever_the_databases_clock_says)
{
    struct db *db = open_one(true, 0);

    must(cluster_sql_prepare(db, &fault));
    must(db_exec(db,
                 "INSERT INTO tgcalld_node SELECT nextval('tgcalld_node_id'), 'one', '', 1000000,"
                 " (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT + 3600000000, 5, 0;"
                 " UPDATE tgcalld_lease SET node = (SELECT id FROM tgcalld_node), epoch = 1",
                 &fault));
    struct cluster_link *l = open_link();
    ck_assert(cluster_link_wait(l, after(LONG_US)));
    ck_assert_int_eq(number(db, "SELECT epoch FROM tgcalld_lease"), 2);
    ck_assert(cluster_link_free(l));
    db_close(db);
}
END_TEST

Suite *suite_link(void)
{
    Suite *s = suite_create("link");
    TCase *t = tcase_create("link");

    tcase_set_timeout(t, 60);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, bed_set_up, bed_tear_down);
    tcase_add_test(t, a_lease_that_somebody_removed_is_put_back_and_the_accounts_stay);
    tcase_add_test(t, a_lease_that_nobody_puts_back_is_made_anew);
    tcase_add_test(t, a_node_that_died_keeps_none_of_its_name_waiting_whatever_the_databases_clock_says);
    suite_add_tcase(s, t);
    return s;
}
