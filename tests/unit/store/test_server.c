/* What only a server's database does: several connections at one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/cluster/statement.h"
#include "daemon/store/cluster_sql.h"
#include "daemon/store/db.h"
#include "daemon/store/meta.h"
#include "daemon/store/put.h"
#include "tests/support/a_node.h"
#include "tests/support/temp.h"
#include "tests/unit/store/bed.h"
#include "tests/unit/store/bed_server.h"
#include "tests/unit/store/suites.h"

#define LEASE_US (6 * SECOND_US)

static struct fault fault;

static struct db *open_one(bool is_shared, int64_t node)
{
    const struct db_server server = {
        .url = bed_config.url, .clock = &clock_system, .is_shared = is_shared, .node = node};
    struct db *db = NULL;

    int err = db_open_server(&server, &db, &fault);
    ck_assert_msg(err == 0, "%d: %s", err, fault.text);
    return db;
}

static void must(int err)
{
    ck_assert_msg(err == 0, "%d: %s", err, fault.text);
}

static int64_t number(struct db *db, const char *sql)
{
    int64_t n = -1;

    must(db_number(db, sql, &n, &fault));
    return n;
}

/* --- the driver --- */

START_TEST(what_is_told_together_with_an_answer_is_not_waited_for)
{
    struct db *one = open_one(true, 0), *other = open_one(true, 0);
    bool is_told = false;

    must(db_exec(one, "LISTEN there", &fault));
    must(db_exec(other, "NOTIFY there", &fault));
    number(one, "SELECT 1");
    must(db_wait(one, -1, clock_mono_us(&clock_system) + 3600 * SECOND_US, &is_told, &fault));
    ck_assert(is_told);
    db_close(one);
    db_close(other);
}
END_TEST

static void write_mark(struct db *db, int64_t n)
{
    char sql[64];

    snprintf(sql, sizeof(sql), "INSERT INTO mark (n) VALUES (%d)", (int)n);
    must(db_begin(db, &fault));
    must(db_exec(db, sql, &fault));
    must(db_commit(db, &fault));
}

/* Two nodes that write the same database. */
static void open_nodes(struct db **ret_one, struct db **ret_other)
{
    a_node(bed_config.url, 5);
    a_node(bed_config.url, 6);
    *ret_one = open_one(false, 5);
    *ret_other = open_one(false, 6);
    must(db_claim(*ret_one, &fault));
    must(db_claim(*ret_other, &fault));
    must(db_exec(*ret_one, "CREATE TABLE mark (n BIGINT)", &fault));
    write_mark(*ret_one, 1);
    write_mark(*ret_other, 2);
}

START_TEST(who_was_buried_in_the_midst_of_a_transaction_holds_nobody_up_and_writes_no_more)
{
    struct db *one, *other;
    bool is_committed;

    open_nodes(&one, &other);
    must(db_begin(one, &fault));
    must(db_exec(one, "INSERT INTO mark (n) VALUES (3)", &fault));
    int64_t begun_us = clock_mono_us(&clock_system);
    ck_assert(a_node_is_buried(bed_config.url, 5));
    ck_assert_int_lt(clock_mono_us(&clock_system) - begun_us, 4 * SECOND_US); /* less than a lock is waited for */
    ck_assert_int_eq(db_commit(one, &fault), TGC_EAWAY);
    db_rollback(one);
    ck_assert_int_eq(db_recover(one, &is_committed, &fault), TGC_EBUSY);
    write_mark(other, 4);
    ck_assert_int_eq(number(other, "SELECT sum(n)::BIGINT FROM mark"), 7);
    ck_assert_int_eq(number(other, "SELECT count(*) FROM tgcalld_writer"), 1);
    db_close(one);
    db_close(other);
}
END_TEST

START_TEST(who_is_no_node_any_more_becomes_no_writer)
{
    struct db *one;

    a_node(bed_config.url, 5);
    ck_assert(a_node_is_buried(bed_config.url, 5));
    ck_assert(!a_node_is_buried(bed_config.url, 5));
    one = open_one(false, 5);
    ck_assert_int_eq(db_claim(one, &fault), TGC_EBUSY);
    db_close(one);
}
END_TEST

static void end_backend_of(struct db *db, int64_t node)
{
    char sql[200];

    snprintf(sql, sizeof(sql),
             "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'tgcalld node %d'",
             (int)node);
    ck_assert_int_eq(number(db, sql), 1);
}

START_TEST(each_node_learns_from_its_own_row_what_became_of_its_last_transaction)
{
    struct db *one, *other;
    bool is_committed;

    open_nodes(&one, &other);
    for (int n = 0; n < 2; n++) {
        must(db_begin(one, &fault));
        must(db_exec(one, "INSERT INTO mark (n) VALUES (8)", &fault));
        end_backend_of(other, 5);
        ck_assert_int_eq(db_commit(one, &fault), TGC_EAWAY);
        db_rollback(one);
        ck_assert(db_is_unsure(one));
        write_mark(other, 16);
        /* The second time as if it had been written. */
        if (n)
            must(db_exec(other, "UPDATE tgcalld_writer SET serial = serial + 1 WHERE id = 5", &fault));
        must(db_recover(one, &is_committed, &fault));
        ck_assert_int_eq(is_committed, n);
        write_mark(other, 32);
        write_mark(one, 64);
    }
    ck_assert_int_eq(number(other, "SELECT sum(n)::BIGINT FROM mark"), 3 + 2 * (16 + 32 + 64));
    db_close(one);
    db_close(other);
}
END_TEST

START_TEST(a_node_whose_epoch_was_raised_comes_back_and_goes_on)
{
    struct db *one, *other;
    bool is_committed;

    open_nodes(&one, &other);
    must(db_exec(other, "UPDATE tgcalld_writer SET epoch = epoch + 1 WHERE id = 5", &fault));
    must(db_begin(one, &fault));
    int err = db_exec(one, "INSERT INTO mark (n) VALUES (8)", &fault);
    if (!err)
        err = db_commit(one, &fault);
    db_rollback(one);
    ck_assert_int_eq(err, TGC_EAWAY);
    must(db_recover(one, &is_committed, &fault));
    ck_assert(!is_committed);
    write_mark(one, 4);
    ck_assert_int_eq(number(other, "SELECT sum(n)::BIGINT FROM mark"), 7);
    db_close(one);
    db_close(other);
}
END_TEST

START_TEST(a_daemon_alone_and_nodes_fence_out_each_other)
{
    struct db *one, *other, *alone;
    bool is_committed;

    open_nodes(&one, &other);
    db_close(other);
    end_backend_of(alone = open_one(true, 0), 5);
    db_close(alone);
    /* It stood still, and its lease is over. */
    alone = open_one(false, 0);
    must(db_claim(alone, &fault));
    ck_assert_int_eq(db_look(one, &fault), TGC_EAWAY);
    ck_assert_int_eq(db_recover(one, &is_committed, &fault), TGC_EBUSY);
    db_close(alone);
    ck_assert_int_eq(db_recover(one, &is_committed, &fault), TGC_EBUSY);
    db_close(one);
    alone = open_one(false, 0);
    must(db_claim(alone, &fault));
    ck_assert_int_eq(number(alone, "SELECT count(*) FROM tgcalld_writer WHERE id = 0"), 1);
    ck_assert_int_eq(db_exec(alone, "SELECT pg_terminate_backend(pg_backend_pid())", &fault), TGC_EAWAY);
    a_node(bed_config.url, 6);
    other = open_one(false, 6);
    must(db_claim(other, &fault));
    db_close(other);
    ck_assert_int_eq(db_recover(alone, &is_committed, &fault), TGC_EBUSY);
    db_close(alone);
}
END_TEST

START_TEST(a_claimed_database_whose_writer_is_nobody_any_more_is_written_by_nobody)
{
    struct db *one = open_one(false, 0), *other = open_one(true, 0), *next;
    bool is_committed;

    must(db_claim(one, &fault));
    must(db_exec(one, "CREATE TABLE mark (n BIGINT)", &fault));
    must(db_exec(other, "DELETE FROM tgcalld_writer", &fault));
    must(db_begin(one, &fault));
    int err = db_exec(one, "INSERT INTO mark (n) VALUES (1)", &fault);
    if (!err)
        err = db_commit(one, &fault);
    db_rollback(one);
    ck_assert_int_eq(err, TGC_EBUSY);
    ck_assert_int_eq(number(other, "SELECT count(*) FROM mark"), 0);
    /* Nor does who comes back make itself one. */
    ck_assert_int_eq(db_recover(one, &is_committed, &fault), TGC_EBUSY);
    must(cluster_sql_prepare(other, &fault));
    ck_assert_int_eq(number(other, "SELECT count(*) FROM tgcalld_writer"), 0);
    db_close(one);
    /* Who takes it anew does so under a number that nobody had. */
    next = open_one(false, 0);
    must(db_claim(next, &fault));
    ck_assert_int_gt(number(other, "SELECT epoch FROM tgcalld_writer"), 1000);
    db_close(next);
    db_close(other);
}
END_TEST

START_TEST(a_node_shares_with_no_daemon_that_is_none)
{
    const struct db_server node = {
        .url = bed_config.url, .clock = &clock_system, .patience_us = SECOND_US / 2, .node = 5};
    struct db *one = open_one(false, 0), *other = NULL;

    ck_assert_int_eq(db_open_server(&node, &other, &fault), TGC_EBUSY);
    must(db_look(one, &fault));
    db_close(one);
}
END_TEST

START_TEST(a_daemon_that_is_no_node_shares_with_none)
{
    const struct db_server alone = {.url = bed_config.url, .clock = &clock_system};
    struct db *node = open_one(true, 0), *other = NULL;

    must(cluster_sql_prepare(node, &fault));
    must(db_exec(node,
                 "INSERT INTO tgcalld_node VALUES (1, 'one', '', 1, (extract(epoch FROM clock_timestamp()) * 1000000)"
                 "::BIGINT + 60000000, 1, 0)",
                 &fault));
    ck_assert_int_eq(db_open_server(&alone, &other, &fault), TGC_EBUSY);
    must(db_exec(node, "UPDATE tgcalld_node SET until_us = 1", &fault));
    must(db_open_server(&alone, &other, &fault));
    /* It was the last, so that nobody buried it: if it goes on it renews nothing. */
    ck_assert_int_eq(number(node, "SELECT count(*) FROM tgcalld_node"), 0);
    db_close(other);
    db_close(node);
}
END_TEST

START_TEST(a_transaction_whose_connection_went_before_its_commit_is_known_not_to_be_written)
{
    struct db *one = open_one(false, 0), *other = open_one(true, 0);
    bool is_committed = true;

    must(db_claim(one, &fault));
    must(db_exec(one, "CREATE TABLE mark (n BIGINT)", &fault));
    must(db_begin(one, &fault));
    must(db_exec(one, "INSERT INTO mark (n) VALUES (1)", &fault));
    number(other, "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND granted");
    ck_assert_int_eq(db_commit(one, &fault), TGC_EAWAY);
    db_rollback(one);
    must(db_recover(one, &is_committed, &fault));
    ck_assert(!is_committed && !db_is_unsure(one));
    ck_assert_int_eq(number(one, "SELECT count(*) FROM mark"), 0);
    must(db_begin(one, &fault));
    must(db_exec(one, "INSERT INTO mark (n) VALUES (2)", &fault));
    must(db_commit(one, &fault));
    ck_assert_int_eq(number(other, "SELECT n FROM mark"), 2);
    db_close(one);
    db_close(other);
}
END_TEST

START_TEST(an_error_within_a_batch_is_told_and_all_of_it_undone)
{
    static const char sql[] = "INSERT INTO mark (n) VALUES ($1)";
    struct db *db = open_one(false, 0);
    struct db_stmt *st;

    must(db_claim(db, &fault));
    must(db_exec(db, "CREATE TABLE mark (n BIGINT PRIMARY KEY)", &fault));
    must(db_begin(db, &fault));
    for (int i = 0; i < 3; i++) {
        must(db_prepare(db, sql, &st, &fault));
        db_bind_int(st, 1, i == 2 ? 0 : i);
        must(db_run(st, &fault));
    }
    ck_assert_int_eq(db_commit(db, &fault), TGC_EEXIST);
    db_rollback(db);
    ck_assert_int_eq(number(db, "SELECT count(*) FROM mark"), 0);
    /* What was prepared within it is told anew. */
    must(db_begin(db, &fault));
    must(db_prepare(db, sql, &st, &fault));
    db_bind_int(st, 1, -7);
    must(db_run(st, &fault));
    must(db_commit(db, &fault));
    ck_assert_int_eq(number(db, "SELECT n FROM mark"), -7);
    db_close(db);
}
END_TEST

START_TEST(what_was_prepared_before_an_error_is_not_prepared_again)
{
    static const char sql[] = "INSERT INTO mark (n) VALUES ($1)",
                      kept[] = "SELECT count(*) FROM pg_prepared_statements";
    struct db *db = open_one(false, 0);
    struct db_stmt *st;

    must(db_claim(db, &fault));
    must(db_exec(db, "CREATE TABLE mark (n BIGINT PRIMARY KEY)", &fault));
    for (int i = 0; i < 8; i++) {
        must(db_begin(db, &fault));
        must(db_prepare(db, sql, &st, &fault));
        db_bind_int(st, 1, 1);
        must(db_run(st, &fault));
        must(db_prepare(db, sql, &st, &fault));
        db_bind_int(st, 1, 1);
        must(db_run(st, &fault));
        ck_assert_int_eq(db_commit(db, &fault), TGC_EEXIST);
        db_rollback(db);
    }
    /* The fence's and the insertion's. */
    ck_assert_int_eq(number(db, kept), 2);
    db_close(db);
}
END_TEST

/* --- which server --- */

/* The bed's URL with another role, database or list of hosts; NULL: as it is. */
static const char *url_of(const char *user, const char *name, const char *hosts, const char *more)
{
    static char url[2000];
    char own[64];
    const char *at = strstr(bed_config.url, "@/") + 2, *host = strstr(at, "?host=") + 6;

    snprintf(own, sizeof(own), "%.*s", (int)strcspn(at, "?"), at);
    snprintf(url, sizeof(url), "postgresql://%s@/%s?host=%s%s%s", user ? user : "tgcalld", name ? name : own,
             hosts ? hosts : "", host, more ? more : "");
    return url;
}

static int try_url(const char *url, struct db **ret)
{
    const struct db_server server = {
        .url = url, .clock = &clock_system, .patience_us = 4 * SECOND_US, .is_shared = true};

    return db_open_server(&server, ret, &fault);
}

/* As a server of another language says it. */
START_TEST(a_refused_login_is_known_in_every_language)
{
    struct db *db = NULL;

    ck_assert_int_eq(try_url(url_of("nobody-there", NULL, NULL, NULL), &db), TGC_EREFUSED);
    ck_assert_msg(strstr(fault.text, "28000") && !strstr(fault.text, "LOCATION"), "%s", fault.text);
    ck_assert_int_eq(try_url(url_of(NULL, "no-such", NULL, NULL), &db), TGC_EUNKNOWN);
    ck_assert_msg(strstr(fault.text, "3D000") != NULL, "%s", fault.text);
}
END_TEST

/* One that takes connections and says nothing, as a machine that hangs; and the URL's list of hosts that begins with
 * it. */
static int listen_silently(char hosts[static 300])
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    snprintf(at.sun_path, sizeof(at.sun_path), "%s", temp_path(".s.PGSQL.5432"));
    unlink(at.sun_path);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
    ck_assert_int_eq(listen(fd, 8), 0);
    snprintf(hosts, 300, "%.*s,", (int)(strrchr(at.sun_path, '/') - at.sun_path), at.sun_path);
    return fd;
}

static bool was_asked(int fd)
{
    int one = accept(fd, NULL, NULL);

    if (one >= 0)
        close(one);
    return one >= 0;
}

START_TEST(of_several_hosts_one_that_is_silent_takes_no_more_than_its_share)
{
    char hosts[300];
    bool is_committed;
    struct db *db = NULL;
    int fd = listen_silently(hosts);

    must(try_url(url_of(NULL, NULL, hosts, NULL), &db));
    ck_assert(was_asked(fd));
    /* Who was the right one is asked first. */
    must(db_recover(db, &is_committed, &fault));
    ck_assert(!was_asked(fd));
    db_close(db);
    close(fd);
}
END_TEST

START_TEST(what_each_of_several_hosts_says_is_told)
{
    char hosts[300];
    struct db *db = NULL;
    int fd = listen_silently(hosts);

    ck_assert_int_eq(try_url(url_of("nobody-there", NULL, hosts, NULL), &db), TGC_EAWAY);
    ck_assert_msg(strstr(fault.text, "in time") && strstr(fault.text, "refuses the login"), "%s", fault.text);
    close(fd);
}
END_TEST

/* --- a store --- */

START_TEST(what_a_lock_keeps_from_being_written_fails_in_the_end_and_nothing_hangs)
{
    struct bed_heard h = {0};
    struct store_account a = bed_account("anna");

    bed_open();
    struct db *locker = open_one(true, 0);
    must(db_exec(locker, "BEGIN; LOCK TABLE accounts", &fault));
    ck_assert_int_eq(store_put_account(bed_desk, &a, bed_done, &h), 0);
    bed_await(&h, 1);
    ck_assert_int_eq(h.err, TGC_EAWAY);
    ck_assert_msg(strstr(h.why, "lock") != NULL, "%s", h.why);
    must(db_exec(locker, "COMMIT", &fault));
    bed_put_account("anna");
    db_close(locker);
    bed_close();
}
END_TEST

/* Somebody's transaction, for some seconds, that nobody waits for here. */
static PGconn *lock_for_seconds(void)
{
    PGconn *c = bed_server_connect(bed_config.url);
    struct db *db = open_one(true, 0);

    ck_assert(PQsendQuery(c, "BEGIN; LOCK TABLE accounts; SELECT pg_sleep(4); COMMIT"));
    while (!number(db, "SELECT count(*) FROM pg_locks WHERE relation = 'accounts'::regclass AND granted"
                       " AND mode = 'AccessExclusiveLock'"))
        continue;
    db_close(db);
    return c;
}

START_TEST(who_ends_waits_for_a_server_no_longer_than_it_has_time)
{
    struct bed_heard h = {0};
    struct store_account a = bed_account("anna");

    bed_open();
    bed_put_account("berta");
    PGconn *locker = lock_for_seconds();
    ck_assert_int_eq(store_put_account(bed_desk, &a, bed_done, &h), 0);
    store_stop_by(bed_store, clock_mono_us(&clock_system));
    bed_await(&h, 1);
    ck_assert_int_eq(h.err, TGC_EAWAY);
    /* What was told to who asked for it is a failure of the stop as well. */
    store_desk_free(bed_desk);
    ck_assert_int_eq(store_close(bed_store, &fault), TGC_EAWAY);
    bed_desk = NULL;
    bed_store = NULL;
    ck_assert(PQconsumeInput(locker) && PQisBusy(locker));
    PQfinish(locker);
}
END_TEST

START_TEST(who_ends_writes_what_a_server_takes)
{
    struct bed_heard h = {0};
    struct store_account a = bed_account("anna");

    bed_open();
    store_stop_by(bed_store, 1);
    ck_assert_int_eq(store_put_account(bed_desk, &a, bed_done, &h), 0);
    bed_await(&h, 1);
    ck_assert_msg(h.err == 0, "%s", h.why);
    bed_close();
}
END_TEST

static struct db *other;

/* The store's connection ends in the midst of a transaction that is no operation's, as one of the sweep's is; and it
 * had been written. */
static int leave_a_doubt(struct store *store, const char *account, const void *none, size_t n, struct fault *why)
{
    (void)account, (void)none, (void)n;
    int err = db_begin(store->db, why);
    if (!err)
        err = db_exec(other,
                      "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND granted",
                      why);
    if (!err && db_commit(store->db, why) != TGC_EAWAY)
        err = TGC_ESTATE;
    db_rollback(store->db);
    return err ? err : db_exec(other, "UPDATE tgcalld_writer SET serial = serial + 1", why);
}

START_TEST(a_doubt_about_what_was_no_operation_is_not_told_as_a_write)
{
    static const struct store_put_kind kind = {STORE_ALONE, .write = leave_a_doubt};
    struct bed_heard doubt = {0}, h = {0};
    struct store_account a = bed_account("anna");

    bed_open();
    other = open_one(true, 0);
    bed_put_account("berta");
    ck_assert_int_eq(store_put(bed_desk, &kind, NULL, NULL, 0, bed_done, &doubt), 0);
    ck_assert_int_eq(store_put_account(bed_desk, &a, bed_done, &h), 0);
    bed_await(&h, 1);
    ck_assert_msg(doubt.err == 0 && h.err == 0, "%s%s", doubt.why, h.why);
    ck_assert_int_eq(number(other, "SELECT count(*) FROM accounts"), 2);
    db_close(other);
    bed_close();
}
END_TEST

/* As a change of the key whose commit was written and not answered leaves it. */
static int change_key_unheard(struct store *store, const char *account, const void *none, size_t n, struct fault *why)
{
    (void)account, (void)none, (void)n;
    int err = store_ring_prepare(&store->config, &store->ring, why);
    if (!err)
        err = db_begin(store->db, why);
    if (!err)
        err = store_meta_seal(store, store->ring.next, why);
    if (!err)
        err = db_commit(store->db, why);
    return err ? err
               : db_exec(
                     other,
                     "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND granted",
                     why);
}

START_TEST(a_change_of_the_key_that_was_written_unheard_is_found_when_the_server_is_back)
{
    static const struct store_put_kind kind = {STORE_ALONE, .write = change_key_unheard};
    struct bed_heard h = {0};

    bed_open();
    other = open_one(true, 0);
    ck_assert_int_eq(store_put(bed_desk, &kind, NULL, NULL, 0, bed_done, &h), 0);
    bed_await(&h, 1);
    ck_assert_msg(h.err == 0, "%s", h.why);
    bed_put_account("anna");
    db_close(other);
    bed_close();
    bed_open();
    char *all = bed_accounts();
    ck_assert_msg(strstr(all, "anna") && !strstr(all, "damage"), "%s", all);
    free(all);
    bed_close();
}
END_TEST

/* --- the statements of nodes --- */

static struct cluster_rows rows;
static struct cluster_answer answer;
static uint64_t seq;

static enum cluster_result ask(struct db *db, struct cluster_statement s)
{
    s.seq = ++seq;
    must(cluster_sql_run(db, &s, &rows, &answer, &fault));
    ck_assert_uint_eq(answer.seq, seq);
    return answer.result;
}

static int64_t registered(struct db *db, const char *name)
{
    ck_assert_int_eq(ask(db,
                         (struct cluster_statement){
                             .kind = CLUSTER_REGISTER, .name = name, .url = "http://there", .lease_us = LEASE_US}),
                     CLUSTER_DONE);
    int64_t id = answer.id;
    ck_assert_int_eq(ask(db, (struct cluster_statement){.kind = CLUSTER_RENEW, .id = id}), CLUSTER_DONE);
    return id;
}

/* The new epoch; 0: it was not taken. */
static int64_t take(struct db *db, int64_t id, int64_t epoch)
{
    struct cluster_statement s = {.kind = CLUSTER_TAKE, .id = id, .n = 1, .claims = {{CLUSTER_LEAD, epoch}}};

    ask(db, s);
    return answer.taken_n ? answer.taken[0].epoch : 0;
}

START_TEST(one_node_at_a_time_has_the_lease)
{
    struct db *db = open_one(true, 0);

    must(cluster_sql_prepare(db, &fault));
    must(cluster_sql_prepare(db, &fault));
    int64_t one = registered(db, "one"), two = registered(db, "two");
    ck_assert_int_gt(two, one);
    ck_assert_int_eq(take(db, one, 0), 1);
    ck_assert_int_eq(take(db, two, 1), 0);
    ck_assert_int_eq(take(db, two, 0), 0);
    ck_assert_int_eq(ask(db, (struct cluster_statement){.kind = CLUSTER_LOOK}), CLUSTER_DONE);
    ck_assert_uint_eq(answer.nodes_n, 2);
    ck_assert_str_eq(answer.nodes[0].name, "one");
    ck_assert_str_eq(rows.urls[0], "http://there");
    ck_assert_int_eq(answer.nodes[0].until_us - answer.now_us <= LEASE_US, 1);
    ck_assert_uint_eq(answer.leases_n, 1);
    ck_assert_int_eq(answer.leases[0].node, one);
    ck_assert_int_eq(answer.leases[0].epoch, 1);
    /* A release bears the epoch that it was meant for. */
    ask(db, (struct cluster_statement){.kind = CLUSTER_RELEASE, .id = one, .n = 1, .claims = {{CLUSTER_LEAD, 0}}});
    ck_assert_int_eq(take(db, two, 1), 0);
    ask(db, (struct cluster_statement){.kind = CLUSTER_RELEASE, .id = one, .n = 1, .claims = {{CLUSTER_LEAD, 1}}});
    ck_assert_int_eq(take(db, two, 1), 2);
    ck_assert_int_eq(ask(db, (struct cluster_statement){.kind = CLUSTER_LEAVE, .id = two}), CLUSTER_DONE);
    ck_assert_int_eq(take(db, two, 2), 0);
    ck_assert_int_eq(take(db, one, 2), 3);
    free(rows.leases);
    memset(&rows, 0, sizeof(rows));
    db_close(db);
}
END_TEST

START_TEST(a_lease_that_was_removed_is_nobodys_until_all_that_was_sent_under_it_is_over)
{
    struct db *db = open_one(true, 0);
    struct cluster_statement bury = {.kind = CLUSTER_BURY, .beat = 1, .margin_us = SECOND_US};

    must(cluster_sql_prepare(db, &fault));
    int64_t one = registered(db, "one"), two = registered(db, "two");
    ck_assert_int_eq(take(db, one, 0), 1);
    /* As it is there: nothing is put back, and nothing made. */
    must(cluster_sql_put_back(db, two, 7, &fault));
    must(cluster_sql_make_anew(db, &fault));
    ck_assert_int_eq(number(db, "SELECT epoch FROM tgcalld_lease"), 1);
    must(db_exec(db, "DELETE FROM tgcalld_lease", &fault));
    /* Nor does who comes to the database make a free one. And what was another's goes along. */
    must(db_exec(db, "INSERT INTO tgcalld_lease VALUES (1, 3, 4)", &fault));
    must(cluster_sql_prepare(db, &fault));
    ck_assert_int_eq(number(db, "SELECT count(*) FROM tgcalld_lease WHERE account_id = 0"), 0);
    must(cluster_sql_make_anew(db, &fault));
    must(cluster_sql_make_anew(db, &fault));
    ck_assert_int_eq(number(db, "SELECT count(*) FROM tgcalld_lease"), 1);
    int64_t epoch = number(db, "SELECT epoch FROM tgcalld_lease");
    ck_assert_int_gt(epoch, 1);
    ck_assert_int_eq(ask(db, (struct cluster_statement){.kind = CLUSTER_RENEW, .id = one}), CLUSTER_REFUSED);
    ck_assert_int_eq(ask(db, (struct cluster_statement){.kind = CLUSTER_RENEW, .id = two}), CLUSTER_REFUSED);
    int64_t anew = registered(db, "two");
    ck_assert_int_eq(take(db, anew, epoch), 0);
    bury.id = number(db, "SELECT node FROM tgcalld_lease");
    ck_assert_int_eq(ask(db, bury), CLUSTER_REFUSED);
    must(db_exec(db, "UPDATE tgcalld_node SET until_us = until_us - 60000000 WHERE leaving = 1", &fault));
    ck_assert_int_eq(ask(db, bury), CLUSTER_DONE);
    ck_assert_int_eq(take(db, anew, epoch), epoch + 1);
    /* Who was buried puts nothing back. */
    must(db_exec(db, "DELETE FROM tgcalld_lease", &fault));
    must(cluster_sql_put_back(db, one, 1, &fault));
    ck_assert_int_eq(number(db, "SELECT count(*) FROM tgcalld_lease"), 0);
    must(cluster_sql_put_back(db, anew, epoch + 1, &fault));
    ck_assert_int_eq(number(db, "SELECT count(*) FROM tgcalld_lease"), 1);
    db_close(db);
}
END_TEST

START_TEST(a_node_that_lives_is_not_buried_and_one_that_was_begins_anew)
{
    struct db *db = open_one(true, 0);
    struct cluster_statement bury = {.kind = CLUSTER_BURY, .beat = 1, .margin_us = SECOND_US};

    must(cluster_sql_prepare(db, &fault));
    bury.id = registered(db, "one");
    ck_assert_int_eq(take(db, bury.id, 0), 1);
    ck_assert_int_eq(ask(db, bury), CLUSTER_REFUSED);
    must(db_exec(db, "UPDATE tgcalld_node SET until_us = until_us - 60000000", &fault));
    bury.beat = 2;
    ck_assert_int_eq(ask(db, bury), CLUSTER_REFUSED);
    bury.beat = 1;
    ck_assert_int_eq(ask(db, bury), CLUSTER_DONE);
    ck_assert_int_eq(ask(db, (struct cluster_statement){.kind = CLUSTER_RENEW, .id = bury.id}), CLUSTER_REFUSED);
    int64_t anew = registered(db, "one");
    ck_assert_int_gt(anew, bury.id);
    ck_assert_int_eq(take(db, bury.id, 1), 0);
    ck_assert_int_eq(take(db, anew, 1), 2);
    db_close(db);
}
END_TEST

Suite *suite_server(void)
{
    Suite *s = suite_create("server");
    TCase *t = tcase_create("server");

    tcase_set_timeout(t, 60); /* a patience is waited out */
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, bed_set_up, bed_tear_down);
    tcase_add_test(t, what_is_told_together_with_an_answer_is_not_waited_for);
    tcase_add_test(t, who_was_buried_in_the_midst_of_a_transaction_holds_nobody_up_and_writes_no_more);
    tcase_add_test(t, who_is_no_node_any_more_becomes_no_writer);
    tcase_add_test(t, each_node_learns_from_its_own_row_what_became_of_its_last_transaction);
    tcase_add_test(t, a_node_whose_epoch_was_raised_comes_back_and_goes_on);
    tcase_add_test(t, a_daemon_alone_and_nodes_fence_out_each_other);
    tcase_add_test(t, a_claimed_database_whose_writer_is_nobody_any_more_is_written_by_nobody);
    tcase_add_test(t, a_node_shares_with_no_daemon_that_is_none);
    tcase_add_test(t, a_daemon_that_is_no_node_shares_with_none);
    tcase_add_test(t, a_transaction_whose_connection_went_before_its_commit_is_known_not_to_be_written);
    tcase_add_test(t, an_error_within_a_batch_is_told_and_all_of_it_undone);
    tcase_add_test(t, what_was_prepared_before_an_error_is_not_prepared_again);
    tcase_add_test(t, a_refused_login_is_known_in_every_language);
    tcase_add_test(t, of_several_hosts_one_that_is_silent_takes_no_more_than_its_share);
    tcase_add_test(t, what_each_of_several_hosts_says_is_told);
    tcase_add_test(t, what_a_lock_keeps_from_being_written_fails_in_the_end_and_nothing_hangs);
    tcase_add_test(t, who_ends_waits_for_a_server_no_longer_than_it_has_time);
    tcase_add_test(t, who_ends_writes_what_a_server_takes);
    tcase_add_test(t, a_doubt_about_what_was_no_operation_is_not_told_as_a_write);
    tcase_add_test(t, a_change_of_the_key_that_was_written_unheard_is_found_when_the_server_is_back);
    tcase_add_test(t, one_node_at_a_time_has_the_lease);
    tcase_add_test(t, a_lease_that_was_removed_is_nobodys_until_all_that_was_sent_under_it_is_over);
    tcase_add_test(t, a_node_that_lives_is_not_buried_and_one_that_was_begins_anew);
    suite_add_tcase(s, t);
    return s;
}
