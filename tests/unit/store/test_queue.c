#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/limits.h"
#include "tests/support/disk.h"
#include "tests/support/temp.h"
#include "tests/unit/store/bed.h"
#include "tests/unit/store/suites.h"

/* The store's thread stands still where it draws random bytes, once it is told to. */
static sem_t stands, goes;
static _Atomic bool is_shut;

static void fill(void *ctx, void *out, size_t len)
{
    if (is_shut) {
        is_shut = false;
        sem_post(&stands);
        sem_wait(&goes);
    }
    random_fill(&random_system, out, len);
}

static const struct random_source gate = {fill, NULL};

static void set_up(void)
{
    sem_init(&stands, 0, 0);
    sem_init(&goes, 0, 0);
    bed_set_up();
    bed_config.random = &gate;
    bed_open();
    bed_put_account("anna");
}

static struct bed_heard ignored;

/* What is put from now on waits in the queue, until let_go(). */
static void stop_thread(void)
{
    struct store_account a = bed_account("gate");

    is_shut = true;
    ck_assert_int_eq(store_put_account(bed_desk, &a, bed_done, &ignored), 0);
    sem_wait(&stands);
}

static void let_go(void)
{
    sem_post(&goes);
}

/* Transactions in the log of the database: a frame that ends one has the database's size in its head. */
static unsigned commits(void)
{
    size_t len;
    char *wal = unit_read_file(bed_path("store.db-wal"), &len);
    unsigned n = 0;

    for (size_t at = 32; at + 24 + 4096 <= len; at += 24 + 4096)
        n += memcmp(wal + at + 4, "\0\0\0", 4) != 0 && memcmp(wal + at + 8, wal + 16, 8) == 0;
    free(wal);
    return n;
}

START_TEST(what_gathers_is_written_in_one_transaction)
{
    struct bed_heard h = {0};
    unsigned before = commits();

    stop_thread();
    for (int i = 0; i < 50; i++) {
        struct store_key k = bed_key("anna", i, 1);
        ck_assert_int_eq(store_put_key(bed_desk, &k, bed_done, &h), 0);
    }
    let_go();
    bed_await(&h, 50);
    ck_assert_int_eq(h.err, 0);
    ck_assert_uint_eq(commits(), before + 2);
}
END_TEST

static int order[8];
static size_t order_n;

static void note_order(void *ctx, int err, const char *why)
{
    ck_assert_int_eq(err, 0);
    order[order_n++] = *(int *)ctx;
}

static void note_load(void *ctx, int err, const char *why, const struct store_loaded_account *list, size_t n)
{
    ck_assert_int_eq(err, 0);
    ck_assert_uint_eq(n, 2);
    ck_assert_uint_eq(list[0].keys_n, 1);
    ck_assert_uint_eq(list[0].keys[0].key[0], 2);
    order[order_n++] = *(int *)ctx;
}

START_TEST(a_load_sees_what_was_put_before_it_and_nothing_else)
{
    static int ids[] = {0, 1, 2, 3};
    struct store_key k = bed_key("anna", 2, 1);

    stop_thread();
    ck_assert_int_eq(store_put_key(bed_desk, &k, note_order, &ids[0]), 0);
    memset(k.key, 2, sizeof(k.key));
    ck_assert_int_eq(store_put_key(bed_desk, &k, note_order, &ids[1]), 0);
    ck_assert_int_eq(store_load_accounts(bed_desk, note_load, &ids[2]), 0);
    memset(k.key, 3, sizeof(k.key));
    ck_assert_int_eq(store_put_key(bed_desk, &k, note_order, &ids[3]), 0);
    let_go();
    while (order_n < 4)
        bed_turn();
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(order[i], i);
}
END_TEST

START_TEST(one_that_cannot_be_written_takes_no_other_with_it)
{
    struct bed_heard good = {0}, bad = {0};
    struct store_key first = bed_key("anna", 1, 0x11), stranger = bed_key("nobody", 2, 0x22),
                     last = bed_key("anna", 3, 0x33);

    stop_thread();
    ck_assert_int_eq(store_put_key(bed_desk, &first, bed_done, &good), 0);
    ck_assert_int_eq(store_put_key(bed_desk, &stranger, bed_done, &bad), 0);
    ck_assert_int_eq(store_put_key(bed_desk, &last, bed_done, &good), 0);
    let_go();
    bed_await(&good, 2);
    ck_assert_int_eq(good.err, 0);
    ck_assert_uint_eq(bad.n, 1);
    ck_assert_int_eq(bad.err, TGC_EUNKNOWN);
    char *accounts = bed_accounts();
    ck_assert_ptr_nonnull(strstr(accounts, "keys 1:11 3:33 |"));
    free(accounts);
}
END_TEST

START_TEST(a_queue_that_is_full_takes_nothing_and_loses_nothing)
{
    static char text[LIMIT_STORE_VALUE - 1];
    struct store_account a = bed_account("wide");
    struct bed_heard h = {0};
    unsigned accepted = 0;
    int err;

    memset(text, 'x', sizeof(text) - 1);
    a.reason = text;
    stop_thread();
    while ((err = store_put_account(bed_desk, &a, bed_done, &h)) == 0)
        accepted++;
    ck_assert_int_eq(err, TGC_ELIMIT);
    ck_assert_uint_ge(accepted, LIMIT_STORE_QUEUE / LIMIT_STORE_VALUE - 2);
    let_go();
    bed_await(&h, accepted);
    ck_assert_int_eq(h.err, 0);
    /* There is room again. */
    ck_assert_int_eq(store_put_account(bed_desk, &a, bed_done, &h), 0);
    bed_await(&h, accepted + 1);
    ck_assert_int_eq(h.err, 0);
}
END_TEST

START_TEST(a_text_without_end_is_refused)
{
    static char text[LIMIT_STORE_VALUE + 2];
    struct store_account a = bed_account("wide");
    struct store_call c = {.account = "anna", .title = text, .title_len = SIZE_MAX};

    memset(text, 'x', sizeof(text) - 1);
    a.reason = text;
    ck_assert_int_eq(store_put_account(bed_desk, &a, NULL, NULL), TGC_ELIMIT);
    a = bed_account(text);
    ck_assert_int_eq(store_put_account(bed_desk, &a, NULL, NULL), TGC_ELIMIT);
    ck_assert_int_eq(store_drop_account(bed_desk, text, NULL, NULL), TGC_ELIMIT);
    ck_assert_int_eq(store_load_peers(bed_desk, text, NULL, NULL), TGC_ELIMIT);
    ck_assert_int_eq(store_put_calls(bed_desk, &c, 1, NULL, NULL), TGC_ELIMIT);
    ck_assert_int_eq(store_put_calls(bed_desk, &c, SIZE_MAX, NULL, NULL), TGC_ELIMIT);
}
END_TEST

static void never(void *ctx, int err, const char *why)
{
    ck_abort_msg("somebody who left was told");
}

START_TEST(a_desk_that_is_freed_hears_nothing_and_its_writes_are_made)
{
    struct store_key k = bed_key("anna", 2, 0x21);

    stop_thread();
    ck_assert_int_eq(store_put_key(bed_desk, &k, never, NULL), 0);
    store_desk_free(bed_desk);
    bed_desk = NULL;
    let_go();
    ck_assert_int_eq(store_close(bed_store, NULL), 0);
    bed_open();
    char *accounts = bed_accounts();
    ck_assert_ptr_nonnull(strstr(accounts, "keys 2:21 |"));
    free(accounts);
}
END_TEST

START_TEST(what_waits_when_the_store_closes_is_written)
{
    stop_thread();
    for (int i = 0; i < 20; i++) {
        struct store_key k = bed_key("anna", i, 0x21);
        ck_assert_int_eq(store_put_key(bed_desk, &k, NULL, NULL), 0);
    }
    store_desk_free(bed_desk);
    bed_desk = NULL;
    let_go();
    ck_assert_int_eq(store_close(bed_store, NULL), 0);
    bed_store = NULL;
    ck_assert_int_eq(bed_number("SELECT count(*) FROM keys"), 20);
}
END_TEST

START_TEST(what_could_not_be_written_at_the_end_is_said)
{
    struct store_key k = bed_key("anna", 2, 0x21);
    struct fault fault;

    disk_watch();
    stop_thread();
    ck_assert_int_eq(store_put_key(bed_desk, &k, NULL, NULL), 0);
    store_desk_free(bed_desk);
    bed_desk = NULL;
    disk_full_at(0);
    let_go();
    fault_clear(&fault);
    ck_assert_int_eq(store_close(bed_store, &fault), TGC_EFULL);
    bed_store = NULL;
    ck_assert_ptr_nonnull(strstr(fault.text, "free some space"));
    disk_well();
}
END_TEST

static void put_from_within(void *ctx, int err, const char *why)
{
    struct store_key k = bed_key("anna", 2, 0x21);

    ck_assert_int_eq(store_put_key(bed_desk, &k, bed_done, ctx), 0);
}

START_TEST(a_completion_may_put_again)
{
    struct bed_heard h = {0};
    struct store_account a = bed_account("anna");

    ck_assert_int_eq(store_put_account(bed_desk, &a, put_from_within, &h), 0);
    bed_await(&h, 1);
    ck_assert_int_eq(h.err, 0);
}
END_TEST

struct client {
    struct store_desk *desk;
    sem_t woken;
    struct bed_heard heard;
    char name[16];
    pthread_t thread;
};

static void wake_client(void *ctx)
{
    sem_post(&((struct client *)ctx)->woken);
}

enum { CLIENTS = 4, PUTS = 200 };

static void *run_client(void *ctx)
{
    struct client *c = ctx;

    for (unsigned i = 1; i <= PUTS; i++) {
        struct store_key k = bed_key(c->name, (int32_t)(i % 5), (uint8_t)i);
        bed_must(store_put_key(c->desk, &k, bed_done, &c->heard) == 0);
        while (i % 7 == 0 && c->heard.n < i) {
            sem_wait(&c->woken);
            store_desk_run(c->desk);
        }
    }
    while (c->heard.n < PUTS) {
        sem_wait(&c->woken);
        store_desk_run(c->desk);
    }
    return NULL;
}

START_TEST(desks_of_many_threads_each_hear_their_own)
{
    static struct client clients[CLIENTS];

    for (int i = 0; i < CLIENTS; i++) {
        snprintf(clients[i].name, sizeof(clients[i].name), "c%d", i);
        bed_put_account(clients[i].name);
        sem_init(&clients[i].woken, 0, 0);
        ck_assert_int_eq(store_desk_new(bed_store, wake_client, &clients[i], &clients[i].desk), 0);
    }
    for (int i = 0; i < CLIENTS; i++)
        ck_assert_int_eq(pthread_create(&clients[i].thread, NULL, run_client, &clients[i]), 0);
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(clients[i].thread, NULL);
        ck_assert_uint_eq(clients[i].heard.n, PUTS);
        ck_assert_int_eq(clients[i].heard.err, 0);
        store_desk_free(clients[i].desk);
    }
    bed_close();
    ck_assert_int_eq(bed_number("SELECT count(*) FROM keys"), CLIENTS * 5);
}
END_TEST

Suite *suite_queue(void)
{
    Suite *s = suite_create("queue");
    TCase *t = tcase_create("queue");

    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, bed_tear_down);
    if (!bed_has_server())
        tcase_add_test(t, what_gathers_is_written_in_one_transaction);
    tcase_add_test(t, a_load_sees_what_was_put_before_it_and_nothing_else);
    tcase_add_test(t, one_that_cannot_be_written_takes_no_other_with_it);
    tcase_add_test(t, a_queue_that_is_full_takes_nothing_and_loses_nothing);
    tcase_add_test(t, a_text_without_end_is_refused);
    tcase_add_test(t, a_desk_that_is_freed_hears_nothing_and_its_writes_are_made);
    tcase_add_test(t, what_waits_when_the_store_closes_is_written);
    if (!bed_has_server())
        tcase_add_test(t, what_could_not_be_written_at_the_end_is_said);
    tcase_add_test(t, a_completion_may_put_again);
    tcase_add_test(t, desks_of_many_threads_each_hear_their_own);
    suite_add_tcase(s, t);
    return s;
}
