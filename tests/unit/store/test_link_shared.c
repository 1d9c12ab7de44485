/* The leases of accounts, as the threads of several nodes at one server hold and give them. */
#include <pthread.h>
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

/* STRAY: a lease of no account. */
enum { ACCOUNTS = 5, STRAY = 6, ALL = 6 };

/* What a node was told; under the lock. */
struct told {
    struct cluster_link *link;
    bool holds[ALL + 1], gives[ALL + 1], gave[ALL + 1];
    bool is_slow;       /* it says GAVE when it is told to */
    int starts, deaths; /* DEATHS: how often who had it before had died */
    bool leads, died;   /* DIED: who led before it */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int holders[ALL + 1], too_many; /* at this moment; how often an account had two */

static void on_gate(void *ctx, int64_t until_us)
{
    (void)ctx, (void)until_us;
}

static void on_lead(void *ctx, bool died)
{
    struct told *t = ctx;

    pthread_mutex_lock(&lock);
    t->leads = true;
    t->died = died;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void on_hold(void *ctx, int64_t account, bool died)
{
    struct told *t = ctx;

    pthread_mutex_lock(&lock);
    ck_assert(account >= 1 && account <= ALL && !t->holds[account]);
    t->holds[account] = true;
    t->deaths += died;
    t->gives[account] = t->gave[account] = false;
    t->starts++;
    too_many += ++holders[account] > 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void end(struct told *t, int64_t account)
{
    t->holds[account] = false;
    t->gave[account] = true;
    holders[account]--;
}

static void on_give(void *ctx, int64_t account)
{
    struct told *t = ctx;

    pthread_mutex_lock(&lock);
    ck_assert(t->holds[account]);
    t->gives[account] = true;
    if (!t->is_slow)
        end(t, account);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    if (!t->is_slow)
        cluster_link_wake(t->link);
}

static bool has_given(void *ctx, int64_t account)
{
    const struct told *t = ctx;

    pthread_mutex_lock(&lock);
    bool gave = t->gave[account];
    pthread_mutex_unlock(&lock);
    return gave;
}

static void on_taken(void)
{
    abort();
}

static void join(struct told *t, const char *name)
{
    const struct cluster_link_config config = {.url = bed_config.url,
                                               .name = name,
                                               .advertise = "",
                                               .lease_us = LEASE_US,
                                               .clock = &clock_system,
                                               .gate = on_gate,
                                               .leads = on_lead,
                                               .hold = on_hold,
                                               .give = on_give,
                                               .gave = has_given,
                                               .taken = on_taken,
                                               .ctx = t};

    pthread_mutex_lock(&lock);
    must(cluster_link_new(&config, &t->link, &fault));
    pthread_mutex_unlock(&lock);
}

/* What it held has no traffic any more, and its process ends. */
static void leave(struct told *t)
{
    pthread_mutex_lock(&lock);
    for (int i = 1; i <= ALL; i++)
        if (t->holds[i])
            end(t, i);
    pthread_mutex_unlock(&lock);
    ck_assert(cluster_link_free(t->link));
}

static int count(const struct told *t)
{
    int n = 0;

    for (int i = 1; i <= ALL; i++)
        n += t->holds[i];
    return n;
}

static void await_count(const struct told *t, int n)
{
    pthread_mutex_lock(&lock);
    while (count(t) != n)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

/* What the store's own rows would be. */
static struct db *with_accounts(void)
{
    struct db *db = open_one(true, 0);

    memset(holders, 0, sizeof(holders));
    too_many = 0;
    must(cluster_sql_prepare(db, &fault));
    must(db_exec(db, "CREATE TABLE accounts (id BIGINT PRIMARY KEY); INSERT INTO accounts SELECT generate_series(1, 5)",
                 &fault));
    return db;
}

static void give_leases(struct db *db)
{
    must(db_exec(db, "INSERT INTO tgcalld_lease SELECT id, 0, 0 FROM accounts", &fault));
}

static void end_test(struct db *db)
{
    ck_assert_int_eq(too_many, 0);
    must(db_exec(db, "DROP TABLE accounts", &fault));
    db_close(db);
}

START_TEST(accounts_are_spread_over_nodes_that_are_ready_and_come_back_from_one_that_leaves)
{
    struct told one = {0}, two = {0};
    struct db *db = with_accounts();

    give_leases(db);
    join(&one, "one");
    ck_assert(cluster_link_wait(one.link, clock_mono_us(&clock_system) + LONG_US));
    ck_assert_int_eq(number(db, "SELECT count(*) FROM tgcalld_lease WHERE account_id > 0 AND node > 0"), 0);
    cluster_link_ready(one.link);
    await_count(&one, ACCOUNTS);
    join(&two, "two");
    cluster_link_ready(two.link);
    await_count(&two, 2);
    await_count(&one, 3);
    ck_assert(!two.leads);
    leave(&one);
    await_count(&two, ACCOUNTS);
    ck_assert(cluster_link_wait(two.link, clock_mono_us(&clock_system) + LONG_US));
    leave(&two);
    /* Each gave up what it had. */
    ck_assert_msg(!one.died && !two.died && !one.deaths && !two.deaths, "%d %d %d %d", one.died, two.died, one.deaths,
                  two.deaths);
    ck_assert_int_eq(number(db, "SELECT sum(epoch)::BIGINT FROM tgcalld_lease WHERE account_id > 0"), 2 * ACCOUNTS);
    end_test(db);
}
END_TEST

START_TEST(of_what_a_node_had_that_died_it_is_told_that_it_did)
{
    struct told one = {0};
    struct db *db = with_accounts();

    must(db_exec(db,
                 "INSERT INTO tgcalld_lease SELECT id, CASE WHEN id < 3 THEN 99 ELSE 0 END, 1 FROM accounts;"
                 "UPDATE tgcalld_lease SET node = 99, epoch = 1 WHERE account_id = 0",
                 &fault));
    join(&one, "one");
    ck_assert(cluster_link_wait(one.link, clock_mono_us(&clock_system) + LONG_US));
    cluster_link_ready(one.link);
    await_count(&one, ACCOUNTS);
    leave(&one);
    ck_assert(one.died);
    ck_assert_int_eq(one.deaths, 2);
    end_test(db);
}
END_TEST

START_TEST(an_account_that_is_being_given_is_nobody_elses_until_it_was)
{
    struct told one = {.is_slow = true}, two = {0};
    struct db *db = with_accounts();

    give_leases(db);
    join(&one, "one");
    cluster_link_ready(one.link);
    await_count(&one, ACCOUNTS);
    join(&two, "two");
    cluster_link_ready(two.link);
    for (int n = 1; n <= 2; n++) {
        int64_t going = 0;
        pthread_mutex_lock(&lock);
        while (!going) {
            for (int i = 1; i <= ACCOUNTS && !going; i++)
                going = one.gives[i] && one.holds[i] ? i : 0;
            if (!going)
                pthread_cond_wait(&changed, &lock);
        }
        ck_assert_int_lt(count(&two), n);
        end(&one, going);
        pthread_mutex_unlock(&lock);
        cluster_link_wake(one.link);
        await_count(&two, n);
    }
    leave(&two);
    await_count(&one, ACCOUNTS);
    leave(&one);
    end_test(db);
}
END_TEST

START_TEST(an_account_whose_lease_was_taken_by_hand_is_given_at_once)
{
    struct told one = {0};
    struct db *db = with_accounts();

    give_leases(db);
    join(&one, "one");
    cluster_link_ready(one.link);
    await_count(&one, ACCOUNTS);
    must(db_exec(db, "UPDATE tgcalld_lease SET node = 0, epoch = epoch + 5 WHERE account_id = 3; NOTIFY tgcalld_lease",
                 &fault));
    pthread_mutex_lock(&lock);
    while (one.starts != ACCOUNTS + 1)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    ck_assert_int_eq(number(db, "SELECT epoch FROM tgcalld_lease WHERE account_id = 3"), 7);
    leave(&one);
    end_test(db);
}
END_TEST

/* As after a daemon that was alone with the database: they wait as those of a node that died. */
START_TEST(accounts_without_a_lease_get_one_and_leases_without_an_account_go)
{
    struct told one = {0};
    struct db *db = with_accounts();

    must(db_exec(db, "INSERT INTO tgcalld_lease VALUES (6, 0, 0)", &fault));
    join(&one, "one");
    cluster_link_ready(one.link);
    await_count(&one, ACCOUNTS);
    pthread_mutex_lock(&lock);
    ck_assert(!one.holds[STRAY]);
    pthread_mutex_unlock(&lock);
    ck_assert_int_eq(number(db, "SELECT count(*) FROM tgcalld_lease WHERE account_id = 6"), 0);
    ck_assert_int_gt(number(db, "SELECT min(epoch) FROM tgcalld_lease WHERE account_id > 0"), 1000000);
    leave(&one);
    end_test(db);
}
END_TEST

Suite *suite_link_shared(void)
{
    Suite *s = suite_create("link_shared");
    TCase *t = tcase_create("link_shared");

    tcase_set_timeout(t, 60);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, bed_set_up, bed_tear_down);
    tcase_add_test(t, accounts_are_spread_over_nodes_that_are_ready_and_come_back_from_one_that_leaves);
    tcase_add_test(t, of_what_a_node_had_that_died_it_is_told_that_it_did);
    tcase_add_test(t, an_account_that_is_being_given_is_nobody_elses_until_it_was);
    tcase_add_test(t, an_account_whose_lease_was_taken_by_hand_is_given_at_once);
    tcase_add_test(t, accounts_without_a_lease_get_one_and_leases_without_an_account_go);
    suite_add_tcase(s, t);
    return s;
}
