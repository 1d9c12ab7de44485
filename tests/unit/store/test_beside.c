/* Several nodes at one database of a server: who leads, who is led and takes over, and what both write. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/audit_rows.h"
#include "daemon/store/db.h"
#include "daemon/store/event_rows.h"
#include "daemon/store/intent_rows.h"
#include "tests/support/a_node.h"
#include "tests/support/temp.h"
#include "tests/unit/store/bed.h"
#include "tests/unit/store/suites.h"

/* A store of the bed's that is put aside while another one is the bed's. */
struct aside {
    struct store *store;
    struct store_desk *desk;
};

static void swap(struct aside *a)
{
    struct aside other = {bed_store, bed_desk};

    bed_store = a->store;
    bed_desk = a->desk;
    *a = other;
}

static atomic_int taken_n;

static void note_taken(void)
{
    atomic_fetch_add(&taken_n, 1);
}

static void set_up(void)
{
    bed_set_up();
    bed_config.node = 5;
    bed_config.taken = note_taken;
    atomic_store(&taken_n, 0);
    a_node(bed_config.url, 5);
    a_node(bed_config.url, 6);
    bed_config.events_keep = 1000;
    bed_config.events_keep_bytes = 1 << 20;
}

static struct aside open_beside(void)
{
    struct aside second = {0};

    swap(&second);
    bed_config.node = 6;
    bed_config.is_led = true;
    bed_open();
    bed_config.node = 5;
    bed_config.is_led = false;
    swap(&second);
    return second;
}

START_TEST(one_that_is_not_made_yet_cannot_be_read)
{
    bed_config.is_led = true;
    bed_refused(TGC_ESTATE, "version 0");
}
END_TEST

START_TEST(who_is_led_sees_what_the_lead_wrote)
{
    bed_open();
    bed_put_account("anna");
    struct aside second = open_beside();
    bed_put_account("berta");
    swap(&second);
    char *all = bed_accounts();
    ck_assert_msg(strstr(all, "anna") && strstr(all, "berta"), "%s", all);
    free(all);
    bed_close();
    swap(&second);
    bed_put_account("carla");
    bed_close();
}
END_TEST

static void rotate(void)
{
    struct bed_heard done = {0};

    ck_assert_int_eq(store_rotate(bed_desk, bed_done, &done), 0);
    bed_await(&done, 1);
    ck_assert_msg(done.err == 0, "%s", done.why);
}

START_TEST(who_is_led_follows_a_change_of_the_seal_key)
{
    bed_open();
    bed_put_account("anna");
    struct aside second = open_beside();
    rotate();
    bed_put_account("berta");
    swap(&second);
    char *all = bed_accounts();
    ck_assert_msg(strstr(all, "anna") && strstr(all, "berta") && !strstr(all, "damage"), "%s", all);
    free(all);
    bed_close();
    swap(&second);
    bed_close();
}
END_TEST

static void close_unheard(void)
{
    struct fault fault;

    store_desk_free(bed_desk);
    bed_desk = NULL;
    (void)!store_close(bed_store, &fault);
    bed_store = NULL;
}

START_TEST(who_was_buried_writes_no_more_and_who_takes_over_does)
{
    struct fault fault = {0};
    struct bed_heard h = {0};
    struct store_account late = bed_account("late");

    bed_open();
    bed_put_account("anna");
    struct aside second = open_beside();
    ck_assert(a_node_is_buried(bed_config.url, 5));
    ck_assert_msg(store_take_over(second.store, &fault) == 0, "%s", fault.text);
    ck_assert_int_eq(store_put_account(bed_desk, &late, bed_done, &h), 0);
    bed_await(&h, 1);
    ck_assert_int_eq(h.err, TGC_EBUSY);
    ck_assert_int_gt(atomic_load(&taken_n), 0);
    swap(&second);
    bed_put_account("berta");
    char *all = bed_accounts();
    ck_assert_msg(strstr(all, "anna") && strstr(all, "berta") && !strstr(all, "late"), "%s", all);
    free(all);
    bed_close();
    swap(&second);
    close_unheard();
}
END_TEST

static void turn_both(struct aside *second)
{
    bed_turn();
    swap(second);
    store_desk_run(bed_desk);
    swap(second);
}

enum { KEYS = 40 };

START_TEST(two_write_at_once_until_one_is_buried)
{
    struct bed_heard h[2] = {{0}, {0}};
    const char *const names[] = {"anna", "berta"};

    bed_open();
    bed_put_account("anna");
    bed_put_account("berta");
    struct aside second = open_beside();
    for (unsigned i = 0; i < KEYS; i++) {
        for (unsigned k = 0; k < 2; k++) {
            struct store_key key = bed_key(names[k], (int32_t)i + 1, 1);
            ck_assert_int_eq(store_put_key(bed_desk, &key, bed_done, &h[k]), 0);
            swap(&second);
        }
        /* So that there are many transactions, and each may meet one of the other's. */
        while (i % 5 == 0 && (h[0].n <= i || h[1].n <= i))
            turn_both(&second);
        if (i == KEYS / 2)
            ck_assert(a_node_is_buried(bed_config.url, 6));
    }
    bed_await(&h[0], KEYS);
    ck_assert_msg(h[0].err == 0, "%s", h[0].why);
    swap(&second);
    bed_await(&h[1], KEYS);
    ck_assert_int_eq(h[1].err, TGC_EBUSY);
    ck_assert_int_gt(atomic_load(&taken_n), 0);
    close_unheard();
    swap(&second);
    bed_close();
    ck_assert_int_eq(bed_number("SELECT count(*) FROM keys AS k JOIN accounts AS a ON a.id = account_id"
                                " WHERE name = 'anna'"),
                     KEYS);
    /* All of until then, as they were waited for, and none of later. */
    ck_assert_int_eq(bed_number("SELECT max(dc) FROM keys AS k JOIN accounts AS a ON a.id = account_id"
                                " WHERE name = 'berta'"),
                     KEYS / 2 + 1);
}
END_TEST

START_TEST(what_is_of_an_account_of_another_node_is_not_written)
{
    struct bed_heard h = {0};
    struct store_key key = bed_key("anna", 2, 1);

    bed_open();
    bed_put_account("anna");
    bed_put_account("berta");
    struct aside second = open_beside();
    bed_close();
    bed_sql("INSERT INTO tgcalld_lease (account_id, node, epoch) SELECT id, CASE name WHEN 'anna' THEN 5 ELSE 6 END, 1"
            " FROM accounts");
    swap(&second);
    ck_assert_int_eq(store_put_key(bed_desk, &key, bed_done, &h), 0);
    bed_await(&h, 1);
    ck_assert_int_eq(h.err, TGC_EFOREIGN);
    ck_assert_int_eq(atomic_load(&taken_n), 0);
    bed_put_key("berta", 2, 1);
    bed_close();
    ck_assert_int_eq(bed_number("SELECT count(*) FROM keys"), 1);
}
END_TEST

START_TEST(nothing_is_sealed_with_a_key_that_another_node_changed)
{
    bed_open();
    bed_put_account("anna");
    struct aside second = open_beside();
    for (uint8_t i = 1; i < 4; i++) {
        struct bed_heard h = {0}, done = {0};
        struct store_key key = bed_key("anna", i, i);
        /* At once: which comes first is not told. */
        ck_assert_int_eq(store_rotate(bed_desk, bed_done, &done), 0);
        swap(&second);
        ck_assert_int_eq(store_put_key(bed_desk, &key, bed_done, &h), 0);
        bed_await(&h, 1);
        ck_assert_msg(h.err == 0, "%s", h.why);
        swap(&second);
        bed_await(&done, 1);
        ck_assert_msg(done.err == 0, "%s", done.why);
        swap(&second);
        bed_put_key("anna", i + 3, i);
        swap(&second);
    }
    ck_assert_int_eq(atomic_load(&taken_n), 0);
    char *all = bed_accounts();
    ck_assert_msg(strstr(all, "anna") && !strstr(all, "damage"), "%s", all);
    free(all);
    swap(&second);
    bed_close();
    swap(&second);
    bed_close();
    ck_assert_int_eq(bed_number("SELECT count(*) FROM keys"), 6);
}
END_TEST

START_TEST(a_node_that_cannot_have_the_new_key_ends)
{
    struct bed_heard h = {0};
    struct store_key key = bed_key("anna", 1, 1);

    bed_open();
    bed_put_account("anna");
    struct aside second = open_beside();
    rotate();
    FILE *f = fopen(bed_config.key_path, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_ge(fputs("no key", f), 0);
    ck_assert_int_eq(fclose(f), 0);
    swap(&second);
    ck_assert_int_eq(store_put_key(bed_desk, &key, bed_done, &h), 0);
    bed_await(&h, 1);
    ck_assert_int_eq(atomic_load(&taken_n), 1);
    bed_close();
    swap(&second);
    bed_close();
}
END_TEST

static void put_page(struct bed_heard *h, const char *text)
{
    const struct store_audit_page p = {.data = (const uint8_t *)text, .len = strlen(text), .n = 1};

    ck_assert_int_eq(store_put_audit(bed_desk, &p, 1, bed_done, h), 0);
}

enum { PAGES = 60 };

START_TEST(the_audit_is_put_by_several_at_once)
{
    struct bed_heard h[2] = {{0}, {0}};

    bed_open();
    struct aside second = open_beside();
    for (int i = 0; i < PAGES; i++) {
        put_page(&h[0], "12345678 of the first");
        swap(&second);
        put_page(&h[1], "12345678 of the second");
        swap(&second);
        if (i % 7)
            continue;
        /* So that there are many transactions, and each meets one of the other's. */
        while (h[0].n < (unsigned)i + 1 || h[1].n < (unsigned)i + 1) {
            bed_turn();
            swap(&second);
            store_desk_run(bed_desk);
            swap(&second);
        }
    }
    while (h[0].n < PAGES || h[1].n < PAGES) {
        bed_turn();
        swap(&second);
        store_desk_run(bed_desk);
        swap(&second);
    }
    ck_assert_msg(!h[0].err && !h[1].err, "%s%s", h[0].why, h[1].why);
    swap(&second);
    bed_close();
    swap(&second);
    bed_close();
    ck_assert_int_eq(bed_number("SELECT count(DISTINCT id) FROM audit_pages"), 2 * PAGES);
    bed_open();
    bed_close();
}
END_TEST

/* Whatever it sees of the log, at whatever time, has no number left out that comes in later. */
static void *read_log(void *over)
{
    const struct db_server server = {.url = bed_config.url, .clock = &clock_system, .is_shared = true};
    static const char holes[] = "SELECT count(*) FROM (SELECT id, lag(last) OVER (ORDER BY id) AS before"
                                " FROM event_pages) AS t WHERE id <> before + 1";
    struct fault fault = {0};
    struct db *db;
    int64_t n = 0;

    bed_must(db_open_server(&server, &db, &fault) == 0);
    while (!atomic_load((atomic_bool *)over)) {
        bed_must(db_number(db, holes, &n, &fault) == 0);
        bed_must(n == 0);
    }
    db_close(db);
    return NULL;
}

enum { PUTS = 120, ROWS = 3 };

static void append(struct bed_heard *h, const char *account)
{
    static struct store_event rows[2][ROWS];
    struct store_event *own = rows[account[0] == 'a'];

    for (size_t i = 0; i < ROWS; i++)
        own[i] = (struct store_event){.account = account, .type = "call", .received_at = 1, .data = "{}", .len = 2};
    ck_assert_int_eq(store_append_events(bed_desk, own, ROWS, &bed_loan, bed_done, h), 0);
}

START_TEST(events_of_several_are_numbered_as_they_are_committed)
{
    struct bed_heard h[2] = {{0}, {0}};
    atomic_bool is_over = false;
    pthread_t reader;

    bed_open();
    struct aside second = open_beside();
    ck_assert_int_eq(pthread_create(&reader, NULL, read_log, &is_over), 0);
    for (unsigned i = 1; i <= PUTS; i++) {
        append(&h[0], "anna");
        swap(&second);
        append(&h[1], "berta");
        swap(&second);
        while (h[0].n < i && h[1].n < i)
            turn_both(&second);
    }
    bed_await(&h[0], PUTS);
    swap(&second);
    bed_await(&h[1], PUTS);
    ck_assert_msg(!h[0].err && !h[1].err, "%s%s", h[0].why, h[1].why);
    atomic_store(&is_over, true);
    pthread_join(reader, NULL);
    bed_close();
    swap(&second);
    bed_close();
    ck_assert_int_eq(bed_number("SELECT sum(n) FROM event_pages"), 2 * PUTS * ROWS);
    ck_assert_int_eq(bed_number("SELECT max(last) - min(id) + 1 FROM event_pages"),
                     bed_number("SELECT sum(n) FROM event_pages"));
}
END_TEST

/* With what its process was at when it was stopped: the log's tally is locked, and the transaction open. */
static struct db *stopped_in_the_midst(int64_t node)
{
    static const char sql[] = "SELECT value FROM meta WHERE name = 'events' FOR UPDATE";
    const struct db_server server = {.url = bed_config.url, .clock = &clock_system, .node = node};
    struct fault fault = {0};
    struct db *db = NULL;
    struct db_stmt *st = NULL;
    bool row = false;

    ck_assert_msg(db_open_server(&server, &db, &fault) == 0, "%s", fault.text);
    ck_assert_msg(db_begin(db, &fault) == 0 && db_prepare(db, sql, &st, &fault) == 0 && db_step(st, &row, &fault) == 0,
                  "%s", fault.text);
    ck_assert(row);
    return db;
}

START_TEST(one_that_is_stopped_in_the_midst_of_a_write_holds_nobody_up_for_long)
{
    struct bed_heard h = {0};

    bed_open();
    struct db *stopped = stopped_in_the_midst(6);
    int64_t begun_us = clock_mono_us(&clock_system);
    put_page(&h, "12345678 of the first");
    bed_await(&h, 1);
    ck_assert_msg(!h.err, "%s", h.why);
    ck_assert_int_lt(clock_mono_us(&clock_system) - begun_us, STORE_PATIENCE_US / 2);
    bed_close();
    db_close(stopped);
}
END_TEST

static struct bed_heard put_intent(int64_t id, const char *account, const uint8_t *key, struct aside *other)
{
    const struct store_intent i = {
        .id = id, .account = account, .key = key, .created_us = id * 1000, .order = "{}", .order_len = 2};
    struct bed_heard h = {0};

    ck_assert_int_eq(store_put_intent(bed_desk, &i, bed_done, &h), 0);
    while (!h.n)
        turn_both(other);
    return h;
}

struct place {
    bool is_told;
    int64_t id;
    char account[32];
};

static void note_place(void *ctx, int err, const char *why, int64_t id, const char *account)
{
    struct place *p = ctx;

    ck_assert_msg(err == 0, "%s", why);
    p->is_told = true;
    p->id = id;
    snprintf(p->account, sizeof(p->account), "%s", account ? account : "");
}

static struct place place_of(const uint8_t *key, struct aside *other)
{
    struct place p = {0};

    ck_assert_int_eq(store_load_intent_place(bed_desk, key, note_place, &p), 0);
    while (!p.is_told)
        turn_both(other);
    return p;
}

START_TEST(a_key_is_of_one_intent_whichever_node_is_asked_by_it)
{
    static const uint8_t key[STORE_INTENT_KEY] = "one", other_key[STORE_INTENT_KEY] = "another";

    bed_open();
    bed_put_account("anna");
    struct aside second = open_beside();
    ck_assert_int_eq(put_intent(10, "anna", key, &second).err, 0);
    swap(&second);
    ck_assert_int_eq(put_intent(11, NULL, key, &second).err, TGC_EEXIST);
    /* What has an id that was drawn before, and was made at another time, is another. */
    const struct store_intent same_id = {.id = 10, .created_us = 1, .order = "{}", .order_len = 2};
    struct bed_heard h = {0};
    ck_assert_int_eq(store_put_intent(bed_desk, &same_id, bed_done, &h), 0);
    while (!h.n)
        turn_both(&second);
    ck_assert_int_eq(h.err, TGC_EEXIST);
    ck_assert_int_eq(put_intent(12, NULL, other_key, &second).err, 0);
    ck_assert_int_eq(put_intent(13, NULL, NULL, &second).err, 0);
    ck_assert_int_eq(put_intent(14, NULL, NULL, &second).err, 0);
    struct place p = place_of(key, &second);
    ck_assert_int_eq(p.id, 10);
    ck_assert_str_eq(p.account, "anna");
    p = place_of(other_key, &second);
    ck_assert_int_eq(p.id, 12);
    ck_assert_str_eq(p.account, "");
    ck_assert_int_eq(place_of((const uint8_t[STORE_INTENT_KEY]){1}, &second).id, 0);
    swap(&second);
    /* Again by who has it. */
    ck_assert_int_eq(put_intent(10, "anna", key, &second).err, 0);
    bed_close();
    swap(&second);
    bed_close();
    ck_assert_int_eq(bed_number("SELECT count(*) FROM intents"), 4);
}
END_TEST

/* As a store that was one process's may have them, where it was to forget one. */
START_TEST(of_two_rows_with_one_key_the_newer_one_keeps_it)
{
    bed_config.node = 0;
    bed_open();
    bed_close();
    bed_sql("INSERT INTO intents (id, key_hash, state, sent, shown, created_us, until_us, order_sealed) VALUES"
            " (1, X'61', 0, 0, 0, 20, 0, X'78'), (2, X'61', 0, 0, 0, 10, 0, X'78'), (3, X'62', 0, 0, 0, 10, 0, X'78'),"
            " (4, NULL, 0, 0, 0, 10, 0, X'78'), (5, NULL, 0, 0, 0, 10, 0, X'78')");
    bed_config.node = 5;
    a_node(bed_config.url, 5);
    bed_open();
    bed_close();
    ck_assert_int_eq(bed_number("SELECT count(*) FROM intents"), 5);
    ck_assert_int_eq(bed_number("SELECT sum(id) FROM intents WHERE key_hash IS NOT NULL"), 1 + 3);
}
END_TEST

Suite *suite_beside(void)
{
    Suite *s = suite_create("beside");
    TCase *t = tcase_create("beside");

    tcase_set_timeout(t, 60);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, bed_tear_down);
    tcase_add_test(t, one_that_is_not_made_yet_cannot_be_read);
    tcase_add_test(t, who_is_led_sees_what_the_lead_wrote);
    tcase_add_test(t, who_is_led_follows_a_change_of_the_seal_key);
    tcase_add_test(t, who_was_buried_writes_no_more_and_who_takes_over_does);
    tcase_add_test(t, two_write_at_once_until_one_is_buried);
    tcase_add_test(t, what_is_of_an_account_of_another_node_is_not_written);
    tcase_add_test(t, nothing_is_sealed_with_a_key_that_another_node_changed);
    tcase_add_test(t, a_node_that_cannot_have_the_new_key_ends);
    tcase_add_test(t, one_that_is_stopped_in_the_midst_of_a_write_holds_nobody_up_for_long);
    tcase_add_test(t, the_audit_is_put_by_several_at_once);
    tcase_add_test(t, events_of_several_are_numbered_as_they_are_committed);
    tcase_add_test(t, a_key_is_of_one_intent_whichever_node_is_asked_by_it);
    tcase_add_test(t, of_two_rows_with_one_key_the_newer_one_keeps_it);
    suite_add_tcase(s, t);
    return s;
}
