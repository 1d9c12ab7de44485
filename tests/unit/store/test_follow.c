/* A node that follows what another one writes (follow_link.h), in PostgreSQL. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/follow_link.h"
#include "daemon/store/token_rows.h"
#include "tests/support/temp.h"
#include "tests/support/a_node.h"
#include "tests/unit/store/bed.h"
#include "tests/unit/store/bed_server.h"
#include "tests/unit/store/suites.h"

static struct follow_link *follower;
static struct fault fault;

/* What it was called back with. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t newest, forgotten;
    unsigned looks, tokens, refuse;
} heard = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void on_newest(void *ctx, uint64_t newest, uint64_t forgotten)
{
    (void)ctx;
    pthread_mutex_lock(&heard.lock);
    heard.newest = newest;
    heard.forgotten = forgotten;
    heard.looks++;
    pthread_cond_broadcast(&heard.changed);
    pthread_mutex_unlock(&heard.lock);
}

static int on_tokens(void *ctx)
{
    (void)ctx;
    pthread_mutex_lock(&heard.lock);
    heard.tokens++;
    bool is_refused = heard.refuse > 0 && heard.refuse--;
    pthread_cond_broadcast(&heard.changed);
    pthread_mutex_unlock(&heard.lock);
    return is_refused ? TGC_EAWAY : 0;
}

static void begin(void)
{
    const struct follow_link_config config = {
        .url = bed_config.url, .clock = &clock_system, .newest = on_newest, .tokens = on_tokens};

    heard.newest = heard.looks = heard.tokens = heard.refuse = 0;
    int err = follow_link_new(&config, &follower, &fault);
    ck_assert_msg(err == 0, "%s", fault.text);
}

static void set_up(void)
{
    bed_set_up();
    bed_config.node = 5;
    a_node(bed_config.url, 5);
    bed_config.events_keep = 1000;
    bed_config.events_keep_bytes = 1 << 20;
    bed_open();
    begin();
}

static void tear_down(void)
{
    follow_link_free(follower);
    bed_tear_down();
}

static int64_t soon(void)
{
    return clock_mono_us(&clock_system) + 60 * SECOND_US;
}

static void sync_now(void)
{
    ck_assert(follow_link_sync(follower, soon()));
}

static void await_newest(uint64_t newest)
{
    pthread_mutex_lock(&heard.lock);
    while (heard.newest != newest)
        pthread_cond_wait(&heard.changed, &heard.lock);
    pthread_mutex_unlock(&heard.lock);
}

static void await_tokens(unsigned n)
{
    pthread_mutex_lock(&heard.lock);
    while (heard.tokens < n)
        pthread_cond_wait(&heard.changed, &heard.lock);
    pthread_mutex_unlock(&heard.lock);
}

static void put_event(int64_t id, const char *account)
{
    struct bed_heard h = {0};
    const struct store_event e = {
        .id = id, .account = account, .type = "call", .received_at = 1, .data = "{}", .len = 2, .reserved = 10000};

    ck_assert_int_eq(store_lend_events(bed_desk, &e, 1, &bed_loan, bed_done, &h), 0);
    bed_await(&h, 1);
    ck_assert_int_eq(h.err, 0);
}

static void put_token(const char *name)
{
    struct bed_heard h = {0};
    const struct store_token t = {.name = name, .text = "{}", .text_len = 2};

    ck_assert_int_eq(store_put_tokens(bed_desk, &t, 1, bed_done, &h), 0);
    bed_await(&h, 1);
    ck_assert_int_eq(h.err, 0);
}

/* By a connection of its own. */
static void run(const char *sql)
{
    PGconn *c = bed_server_connect(bed_config.url);
    PGresult *r = PQexec(c, sql);

    ck_assert_msg(PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK, "%s: %s", sql,
                  PQerrorMessage(c));
    PQclear(r);
    PQfinish(c);
}

START_TEST(it_hears_of_each_event_that_another_node_wrote)
{
    sync_now();
    ck_assert_uint_eq(heard.newest, 0);
    for (int i = 1; i <= 20; i++) {
        put_event(i, "anna");
        await_newest((uint64_t)i);
    }
}
END_TEST

START_TEST(the_newest_stays_where_its_event_was_forgotten)
{
    struct bed_heard h = {0};

    put_event(1, "anna");
    put_event(2, "bert");
    ck_assert_int_eq(store_drop_events(bed_desk, "bert", 2, bed_done, &h), 0);
    bed_await(&h, 1);
    sync_now();
    ck_assert_uint_eq(heard.newest, 2);
    ck_assert_uint_eq(heard.forgotten, 1);
    /* And up to where the other node ended in order. */
    ck_assert_int_eq(store_end_events(bed_desk, 5, bed_done, &h), 0);
    bed_await(&h, 2);
    await_newest(5);
}
END_TEST

START_TEST(it_hears_of_tokens_once_for_each_change)
{
    struct bed_heard h = {0};

    sync_now();
    ck_assert_uint_eq(heard.tokens, 1);
    put_token("a");
    await_tokens(2);
    put_token("a");
    await_tokens(3);
    const struct store_token used = {.name = "a", .used_at = 7};
    ck_assert_int_eq(store_use_tokens(bed_desk, &used, 1, bed_done, &h), 0);
    bed_await(&h, 1);
    put_event(1, "anna");
    sync_now();
    ck_assert_uint_eq(heard.tokens, 3);
    ck_assert_int_eq(store_drop_token(bed_desk, "a", bed_done, &h), 0);
    bed_await(&h, 2);
    await_tokens(4);
    sync_now();
    ck_assert_uint_eq(heard.tokens, 4);
}
END_TEST

START_TEST(tokens_that_could_not_be_taken_are_called_again)
{
    sync_now();
    pthread_mutex_lock(&heard.lock);
    heard.refuse = 2;
    pthread_mutex_unlock(&heard.lock);
    put_token("a");
    sync_now();
    ck_assert_uint_eq(heard.tokens, 4);
    sync_now();
    ck_assert_uint_eq(heard.tokens, 4);
}
END_TEST

START_TEST(it_finds_what_it_was_not_told_of)
{
    put_event(1, "anna");
    put_token("a");
    sync_now();
    unsigned tokens = heard.tokens;
    run("DELETE FROM tokens");
    run("UPDATE event_pages SET last = 9");
    await_newest(9);
    await_tokens(tokens + 1);
}
END_TEST

START_TEST(a_connection_that_ended_is_made_again_and_what_was_missed_is_heard)
{
    put_event(1, "anna");
    sync_now();
    for (int i = 2; i <= 4; i++) {
        run("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()");
        put_event(i, "anna");
        await_newest((uint64_t)i);
    }
    sync_now();
}
END_TEST

START_TEST(a_database_that_was_put_back_is_followed_from_there)
{
    for (int i = 1; i <= 3; i++)
        put_event(i, "anna");
    run("CREATE TABLE kept_pages AS SELECT * FROM event_pages; CREATE TABLE kept_meta AS SELECT * FROM meta");
    put_event(4, "anna");
    await_newest(4);
    run("BEGIN; DELETE FROM event_pages; INSERT INTO event_pages SELECT * FROM kept_pages; DELETE FROM meta;"
        " INSERT INTO meta SELECT * FROM kept_meta; COMMIT");
    await_newest(3);
    put_event(4, "anna");
    await_newest(4);
}
END_TEST

START_TEST(a_database_without_tables_is_looked_at_until_it_has_some)
{
    run("ALTER TABLE event_pages RENAME TO away");
    ck_assert(!follow_link_sync(follower, clock_mono_us(&clock_system) + SECOND_US / 10));
    run("ALTER TABLE away RENAME TO event_pages");
    sync_now();
}
END_TEST

START_TEST(a_store_that_is_no_node_s_tells_nobody)
{
    bed_close();
    bed_config.node = 0;
    bed_open();
    PGconn *c = bed_server_connect(bed_config.url);
    PQclear(PQexec(c, "LISTEN tgcalld_event; LISTEN tgcalld_token"));
    put_event(1, "anna");
    put_token("a");
    PQclear(PQexec(c, "SELECT 1"));
    ck_assert_ptr_null(PQnotifies(c));
    bed_close();
    a_node(bed_config.url, 5); /* who is alone buries those whose lease is over */
    bed_config.node = 5;
    bed_open();
    put_event(2, "anna");
    put_token("b");
    PQclear(PQexec(c, "SELECT 1"));
    PGnotify *first = PQnotifies(c), *second = PQnotifies(c);
    ck_assert(first && strcmp(first->relname, "tgcalld_event") == 0);
    ck_assert(second && strcmp(second->relname, "tgcalld_token") == 0);
    PQfreemem(first);
    PQfreemem(second);
    PQfinish(c);
}
END_TEST

Suite *suite_follow(void)
{
    Suite *s = suite_create("follow");
    TCase *t = tcase_create("follow");

    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, it_hears_of_each_event_that_another_node_wrote);
    tcase_add_test(t, the_newest_stays_where_its_event_was_forgotten);
    tcase_add_test(t, it_hears_of_tokens_once_for_each_change);
    tcase_add_test(t, tokens_that_could_not_be_taken_are_called_again);
    tcase_add_test(t, it_finds_what_it_was_not_told_of);
    tcase_add_test(t, a_connection_that_ended_is_made_again_and_what_was_missed_is_heard);
    tcase_add_test(t, a_database_that_was_put_back_is_followed_from_there);
    tcase_add_test(t, a_database_without_tables_is_looked_at_until_it_has_some);
    tcase_add_test(t, a_store_that_is_no_node_s_tells_nobody);
    suite_add_tcase(s, t);
    return s;
}
