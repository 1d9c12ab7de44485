/* What a node tells of its database, of itself and of the others. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/store/cluster_link.h"
#include "daemon/store/cluster_metrics.h"
#include "tests/support/temp.h"
#include "tests/unit/store/db_bed.h"
#include "tests/unit/store/suites.h"

#define LEASE_US (6 * SECOND_US)

START_TEST(a_server_says_what_it_is_like)
{
    struct db *db = open_one(true, 0);
    struct server_facts facts = {0};

    must(server_facts_read(db, &clock_system, &facts, &fault));
    /* As tests/support/postgres.py has it. */
    ck_assert(!facts.has_fsync && !facts.has_full_page_writes && !facts.has_synchronous_standby);
    ck_assert_msg(facts.has_synchronous_commit, "a connection of the daemon's asks for it");
    ck_assert_int_gt(facts.connections_left, 0);
    ck_assert_int_lt(facts.connections_left, 60);
    ck_assert_int_gt(facts.seen_us, 0);
    ck_assert_int_lt(facts.clock_ahead_us < 0 ? -facts.clock_ahead_us : facts.clock_ahead_us, SECOND_US);
    db_close(db);
}
END_TEST

START_TEST(a_limit_of_the_database_counts_where_it_is_the_least)
{
    struct db *db = open_one(true, 0), *other;
    struct server_facts facts = {0};

    must(db_exec(db, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 3', current_database()); END $$",
                 &fault));
    other = open_one(true, 0);
    must(server_facts_read(db, &clock_system, &facts, &fault));
    ck_assert_int_le(facts.connections_left, 1);
    db_close(other);
    must(db_exec(db, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT -1', current_database()); END $$",
                 &fault));
    db_close(db);
}
END_TEST

START_TEST(accounts_are_counted_but_not_waited_for)
{
    int64_t n = 0;
    struct db *db = open_one(true, 0);

    must(server_facts_accounts(db, &n, &fault));
    ck_assert_msg(n == -1, "there are no tables, and yet %d accounts", (int)n);
    bed_open();
    bed_put_account("anna");
    bed_put_account("bert");
    bed_close();
    must(server_facts_accounts(db, &n, &fault));
    ck_assert_int_eq(n, 2);
    struct db *changes = open_one(true, 0);
    must(db_begin(changes, &fault));
    must(db_exec(changes, "LOCK TABLE accounts", &fault));
    must(db_number(changes, "SELECT 1", &n, &fault));
    must(server_facts_accounts(db, &n, &fault));
    ck_assert_int_eq(n, -1);
    db_rollback(changes);
    db_close(changes);
    db_close(db);
}
END_TEST

/* --- a node --- */

static void move_gate(void *ctx, int64_t until_us)
{
    (void)ctx;
    (void)until_us;
}

static void on_lead(void *ctx, bool died)
{
    (void)ctx, (void)died;
}

static void was_taken(void)
{
    ck_abort_msg("nobody else has the accounts");
}

static struct cluster_link *join(const char *name)
{
    const struct cluster_link_config config = {.url = bed_config.url,
                                               .name = name,
                                               .advertise = "",
                                               .lease_us = LEASE_US,
                                               .clock = &clock_system,
                                               .gate = move_gate,
                                               .leads = on_lead,
                                               .taken = was_taken};
    struct cluster_link *l = NULL;

    must(cluster_link_new(&config, &l, &fault));
    return l;
}

/* Nothing tells of it. */
static void await(bool (*holds)(struct cluster_link *l), struct cluster_link *l)
{
    while (!holds(l))
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static bool has_facts(struct cluster_link *l)
{
    struct cluster_report report;

    cluster_link_report(l, &report);
    return report.server.seen_us > 0;
}

static bool sees_two(struct cluster_link *l)
{
    struct cluster_seen seen[LIMIT_CLUSTER_NODES];

    return cluster_link_nodes(l, seen) == 2;
}

/* LINE is there, whole. */
static void expect_line(const char *all, const char *line)
{
    char whole[256];

    snprintf(whole, sizeof(whole), "\n%s\n", line);
    ck_assert_msg(strstr(all, whole) != NULL, "%s is not in:\n%s", line, all);
}

static void expect_metrics(struct cluster_link *l, const char *const *lines)
{
    struct buf text;

    buf_init(&text, 1 << 20);
    cluster_metrics_put(l, &text);
    const char *all = buf_text(&text);
    ck_assert_ptr_nonnull(all);
    for (; *lines; lines++)
        expect_line(all, *lines);
    ck_assert_ptr_nonnull(strstr(all, "\ntgcalld_cluster_lease_left_seconds "));
    ck_assert_ptr_nonnull(strstr(all, "\ntgcalld_cluster_database_connections_left "));
    ck_assert_ptr_nonnull(strstr(all, "\ntgcalld_cluster_database_clock_ahead_seconds "));
    ck_assert_ptr_nonnull(strstr(all, "\ntgcalld_cluster_statement_seconds_bucket{le=\"+Inf\"} "));
    buf_fini(&text);
}

START_TEST(a_node_tells_who_has_the_accounts_and_for_how_long)
{
    static const char *const active[] = {"tgcalld_cluster_active 1",
                                         "tgcalld_cluster_nodes{state=\"active\"} 1",
                                         "tgcalld_cluster_nodes{state=\"waiting\"} 1",
                                         "tgcalld_cluster_nodes{state=\"leaving\"} 0",
                                         "tgcalld_cluster_takeovers_total 1",
                                         "tgcalld_cluster_losses_total 0",
                                         NULL};
    static const char *const waiting[] = {"tgcalld_cluster_active 0", "tgcalld_cluster_nodes{state=\"active\"} 1",
                                          "tgcalld_cluster_takeovers_total 0", NULL};
    struct cluster_seen seen[LIMIT_CLUSTER_NODES];
    struct cluster_report report;
    struct cluster_link *one = join("one"), *two;

    ck_assert(cluster_link_wait(one, clock_mono_us(&clock_system) + 60 * SECOND_US));
    two = join("two");
    await(sees_two, one);
    await(cluster_link_is_waiting, two);
    await(has_facts, one);
    await(has_facts, two);
    ck_assert_uint_eq(cluster_link_nodes(two, seen), 2);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_gt(seen[i].left_us, 0);
        ck_assert_int_le(seen[i].left_us, LEASE_US);
        ck_assert_int_gt(seen[i].seen_us, 0);
    }
    cluster_link_report(two, &report);
    ck_assert_msg(report.accounts == -1, "there are no tables, and yet %d accounts", (int)report.accounts);
    ck_assert_int_gt(report.left_us, 0);
    expect_metrics(one, active);
    expect_metrics(two, waiting);
    ck_assert(cluster_link_free(one));
    ck_assert(cluster_link_wait(two, clock_mono_us(&clock_system) + 60 * SECOND_US));
    cluster_link_report(two, &report);
    ck_assert(report.leads);
    ck_assert_uint_eq(report.taken, 1);
    ck_assert(cluster_link_free(two));
}
END_TEST

Suite *suite_server_told(void)
{
    Suite *s = suite_create("server_told");
    TCase *t = tcase_create("server_told");

    tcase_set_timeout(t, 60);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, bed_set_up, bed_tear_down);
    tcase_add_test(t, a_server_says_what_it_is_like);
    tcase_add_test(t, a_limit_of_the_database_counts_where_it_is_the_least);
    tcase_add_test(t, accounts_are_counted_but_not_waited_for);
    tcase_add_test(t, a_node_tells_who_has_the_accounts_and_for_how_long);
    suite_add_tcase(s, t);
    return s;
}
