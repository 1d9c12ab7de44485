/* The audit logs of two workers on one loop, with a real store. */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include <sqlite3.h>

#include "daemon/worker/audit_log.h"
#include "tests/support/temp.h"
#include "tests/unit/worker/fixture.h"
#include "tests/unit/worker/suites.h"

static struct net_loop *loop;
static struct net_timer *look;
static struct store *store;
static struct audit *audit;
static struct audit_log *logs[2];
static char database[PATH_MAX];

static void stop(void *ctx)
{
    net_loop_stop(ctx);
}

/* A disk that does not take one record alone. */
static void set_up(void)
{
    static unsigned n; /* for tests that share a process */
    char name[48];
    sqlite3 *db;

    snprintf(name, sizeof(name), "audit-%d-%u.db", (int)getpid(), n++);
    snprintf(database, sizeof(database), "%s", temp_path(name));
    store = small_store(database);
    ck_assert_int_eq(store_close(store, NULL), 0);
    ck_assert_int_eq(sqlite3_open(database, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db,
                                  "CREATE TRIGGER small BEFORE INSERT ON audit_pages WHEN NEW.n = 1 "
                                  "BEGIN SELECT RAISE(ABORT, 'full'); END",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    store = small_store(database);
    ck_assert_int_eq(net_loop_new(&clock_system, &loop), 0);
    ck_assert_int_eq(net_timer_new(loop, stop, loop, &look), 0);
    ck_assert_int_eq(audit_new(&audit), 0);
    for (size_t i = 0; i < 2; i++)
        ck_assert_int_eq(audit_log_new(audit, store, loop, &logs[i]), 0);
}

static void tear_down(void)
{
    for (size_t i = 0; i < 2; i++)
        audit_log_free(logs[i]);
    audit_free(audit);
    net_timer_free(look);
    net_loop_free(loop);
    ck_assert_int_eq(store_close(store, NULL), 0);
}

static void note(void)
{
    audit_add(audit, AUDIT_KNOWN,
              &(struct audit_record){.at_us = SECOND_US,
                                     .count = 1,
                                     .status = 201,
                                     .method = "POST",
                                     .request_id = "",
                                     .who = "admin",
                                     .account = "",
                                     .telegram = "",
                                     .path = "x",
                                     .path_len = 1});
}

static void turn(void)
{
    net_timer_set(look, clock_mono_us(&clock_system) + 2000);
    net_loop_run(loop);
}

static void pass(int64_t us)
{
    int64_t until_us = clock_mono_us(&clock_system) + us;

    while (clock_mono_us(&clock_system) < until_us)
        turn();
}

/* Until what waits is taken, or waits again, and the disk has answered. */
static void await(enum audit_haste haste)
{
    while (audit_haste(audit) != haste || !audit_log_is_idle(logs[0]) || !audit_log_is_idle(logs[1]))
        turn();
}

/* Two records, which the disk takes. */
static void put_by(struct audit_log *log)
{
    note();
    note();
    audit_log_turn(log);
    await(AUDIT_NOTHING);
}

START_TEST(who_failed_goes_on_when_another_put_what_waited)
{
    note();
    audit_log_turn(logs[0]);
    pass(SECOND_US);
    await(AUDIT_SOON); /* it failed */
    note();
    audit_log_turn(logs[1]);
    await(AUDIT_NOTHING);
    /* Its next try finds nothing. */
    pass(2 * SECOND_US);
    put_by(logs[0]);
    put_by(logs[0]);
}
END_TEST

Suite *suite_audit_log(void)
{
    Suite *s = suite_create("audit_log");
    TCase *t = tcase_create("audit_log");

    tcase_set_timeout(t, 30);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, who_failed_goes_on_when_another_put_what_waited);
    suite_add_tcase(s, t);
    return s;
}
