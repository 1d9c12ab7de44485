/* What only a server's database does: several connections at one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/store/cluster_sql.h"
#include "daemon/store/db.h"
#include "daemon/store/meta.h"
#include "daemon/store/put.h"
#include "tests/support/temp.h"
#include "tests/unit/store/bed_server.h"
#include "tests/unit/store/db_bed.h"
#include "tests/unit/store/suites.h"

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

Suite *suite_server(void)
{
    Suite *s = suite_create("server");
    TCase *t = tcase_create("server");

    tcase_set_timeout(t, 60); /* a patience is waited out */
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, bed_set_up, bed_tear_down);
    tcase_add_test(t, what_is_told_together_with_an_answer_is_not_waited_for);
    tcase_add_test(t, a_claimed_database_whose_writer_is_nobody_any_more_is_written_by_nobody);
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
    suite_add_tcase(s, t);
    return s;
}
