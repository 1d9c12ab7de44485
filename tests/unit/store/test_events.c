/* The event log on the disk. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/buf.h"
#include "daemon/base/limits.h"
#include "daemon/store/event_rows.h"
#include "tests/support/temp.h"
#include "tests/unit/store/bed.h"
#include "tests/unit/store/suites.h"

static struct bed_heard h;

static void set_up(void)
{
    bed_set_up();
    bed_config.events_keep = 100;
    bed_config.events_keep_bytes = 1 << 20;
    memset(&h, 0, sizeof(h));
}

static void must(int accepted)
{
    ck_assert_int_eq(accepted, 0);
    bed_await(&h, h.n + 1);
    ck_assert_msg(h.err == 0, "%s", h.why);
}

static struct store_event row(int64_t id, const char *account, const char *data)
{
    return (struct store_event){.id = id,
                                .account = account,
                                .type = "call",
                                .received_at = 1700000000 + id,
                                .data = data,
                                .len = strlen(data),
                                .reserved = id + 10};
}

enum { ALIKE = 40 };
static struct store_event alike[ALIKE];

static void put(int64_t id, const char *account, const char *data)
{
    struct store_event e = row(id, account, data);

    must(store_lend_events(bed_desk, &e, 1, &bed_loan, bed_done, &h));
}

static struct buf told;
static bool heard;

static void tell(void *ctx, int err, const char *why, const struct store_event *list, size_t n, size_t damaged,
                 int64_t dropped)
{
    ck_assert_msg(err == 0, "%s", why);
    buf_reset(&told);
    if (dropped)
        buf_printf(&told, "(%d)", (int)dropped);
    for (size_t i = 0; i < n; i++) {
        if (!list[i].type) {
            buf_printf(&told, "%s%d:lost(%d)", told.len ? " " : "", (int)list[i].id, (int)list[i].lost_after);
            continue;
        }
        ck_assert_str_eq(list[i].type, "call");
        ck_assert_int_eq(list[i].received_at, 1700000000 + list[i].id);
        buf_printf(&told, "%s%d:%s:%.*s", told.len ? " " : "", (int)list[i].id, list[i].account, (int)list[i].len,
                   list[i].data);
    }
    if (damaged)
        buf_printf(&told, " damaged %zu", damaged);
    heard = true;
}

/* "(DROPPED) ID:ACCOUNT:DATA …" */
static const char *page(int64_t after, size_t limit)
{
    heard = false;
    ck_assert_int_eq(store_load_events(bed_desk, after, limit, tell, NULL), 0);
    while (!heard)
        bed_turn();
    return buf_text(&told);
}

START_TEST(events_come_back_in_pages)
{
    bed_open();
    struct store_event two[] = {row(1, "anna", "{a}"), row(2, "", "{b}")};
    must(store_lend_events(bed_desk, two, 2, &bed_loan, bed_done, &h));
    put(7, "berta", "{c}");
    bed_close();
    bed_open();
    ck_assert_str_eq(page(0, 10), "1:anna:{a} 2::{b} 7:berta:{c}");
    ck_assert_str_eq(page(0, 2), "1:anna:{a} 2::{b}");
    ck_assert_str_eq(page(2, 10), "7:berta:{c}");
    ck_assert_str_eq(page(7, 10), "");
    bed_close();
}
END_TEST

START_TEST(a_page_ends_where_it_is_long_enough)
{
    static char data[300 << 10];

    memset(data, 'x', sizeof(data) - 1);
    bed_config.events_keep_bytes = 64 << 20;
    bed_open();
    for (int64_t id = 1; id <= 6; id++)
        put(id, "", data);
    page(0, 10);
    ck_assert_uint_gt(told.len, STORE_EVENTS_BYTES);
    ck_assert_uint_lt(told.len, STORE_EVENTS_BYTES + sizeof(data) + 100);
    bed_close();
}
END_TEST

START_TEST(an_event_that_is_there_stays)
{
    bed_open();
    put(1, "anna", "{a}");
    struct store_event two[] = {row(1, "berta", "{x}"), row(2, "berta", "{b}")};
    must(store_lend_events(bed_desk, two, 2, &bed_loan, bed_done, &h));
    ck_assert_str_eq(page(0, 10), "1:anna:{a} 2:berta:{b}");
    bed_close();
}
END_TEST

START_TEST(of_too_many_events_the_oldest_go)
{
    bed_config.events_keep = 3;
    bed_open();
    for (int64_t id = 1; id <= 5; id++)
        put(id, "", "{}");
    ck_assert_str_eq(page(0, 10), "(2) 3::{} 4::{} 5::{}");
    bed_close();
    bed_config.events_keep = 1;
    bed_open();
    ck_assert_int_eq(store_events_place(bed_store).dropped, 2);
    put(6, "", "{}");
    ck_assert_str_eq(page(0, 10), "(5) 6::{}");
    bed_close();
    bed_config.events_keep = 0;
    bed_open();
    put(7, "", "{}");
    ck_assert_str_eq(page(0, 10), "(7)");
    bed_close();
}
END_TEST

/* A text of nothing that repeats. */
static void fill_with_noise(char *data, size_t size)
{
    uint32_t x = 1;

    for (size_t i = 0; i + 1 < size; i++) {
        x = x * 1664525 + 1013904223;
        data[i] = (char)('0' + (x >> 24) % 64);
    }
    data[size - 1] = '\0';
}

START_TEST(of_too_many_bytes_the_oldest_go)
{
    static char data[1000];

    fill_with_noise(data, sizeof(data));
    bed_config.events_keep_bytes = 2500;
    bed_open();
    for (int64_t id = 1; id <= 4; id++)
        put(id, "", data);
    page(0, 10);
    ck_assert_msg(strncmp((char *)told.data, "(2) 3:", 6) == 0, "%.20s", (char *)told.data);
    put(5, "", "{}");
    page(0, 10);
    ck_assert_msg(strncmp((char *)told.data, "(2) 3:", 6) == 0, "%.20s", (char *)told.data);
    bed_close();
}
END_TEST

static int64_t journal_size(void)
{
    struct stat st;

    ck_assert_int_eq(stat(bed_path("store.db-wal"), &st), 0);
    return (int64_t)st.st_size;
}

/* What goes and what comes in its place are the same pages of the database. */
START_TEST(a_log_that_is_full_writes_no_page_twice)
{
    static char data[62 << 10];
    int64_t id = 1, before;

    fill_with_noise(data, sizeof(data));
    bed_open();
    for (; id <= 20; id++)
        put(id, "", data);
    before = journal_size();
    for (; id <= 30; id++)
        put(id, "", data);
    ck_assert_int_gt(journal_size() - before, (int64_t)(10 * sizeof(data)));
    ck_assert_int_lt(journal_size() - before, (int64_t)(15 * sizeof(data)));
    bed_close();
}
END_TEST

START_TEST(an_account_s_events_go_with_it_and_are_no_gap)
{
    bed_config.events_keep = 3;
    bed_open();
    put(1, "anna", "{a}");
    put(2, "berta", "{b}");
    put(3, "anna", "{c}");
    must(store_drop_events(bed_desk, "anna", 3, bed_done, &h));
    ck_assert_str_eq(page(0, 10), "2:berta:{b}");
    put(4, "berta", "{d}");
    put(5, "berta", "{e}");
    ck_assert_str_eq(page(0, 10), "2:berta:{b} 4:berta:{d} 5:berta:{e}");
    put(6, "berta", "{f}");
    ck_assert_str_eq(page(0, 10), "(2) 4:berta:{d} 5:berta:{e} 6:berta:{f}");
    bed_close();
}
END_TEST

/* In one: who reads the log after a kill finds the account and its events, or neither. */
START_TEST(events_go_with_their_account)
{
    struct bed_heard refused = {0};

    bed_open();
    bed_put_account("anna");
    put(1, "anna", "{a}");
    put(2, "berta", "{b}");
    bed_close();
    bed_refuse_delete("event_pages", "1 = 1");
    bed_open();
    ck_assert_int_eq(store_drop_account(bed_desk, "anna", bed_done, &refused), 0);
    bed_await(&refused, 1);
    ck_assert_int_ne(refused.err, 0);
    bed_close();
    ck_assert_int_eq(bed_number("SELECT count(*) FROM accounts"), 1);
    bed_refuse_no_more("event_pages");
    bed_open();
    must(store_drop_account(bed_desk, "anna", bed_done, &h));
    ck_assert_str_eq(page(0, 10), "2:berta:{b}");
    bed_close();
    ck_assert_int_eq(bed_number("SELECT count(*) FROM accounts"), 0);
}
END_TEST

START_TEST(an_account_s_events_go_from_among_others)
{
    bed_open();
    struct store_event four[] = {row(1, "anna", "{a}"), row(2, "berta", "{b}"), row(3, "anna", "{c}"),
                                 row(4, "anna", "{d}")};
    must(store_lend_events(bed_desk, four, 4, &bed_loan, bed_done, &h));
    put(5, "anna", "{e}");
    must(store_drop_events(bed_desk, "anna", 3, bed_done, &h));
    ck_assert_str_eq(page(0, 10), "2:berta:{b} 4:anna:{d} 5:anna:{e}");
    ck_assert_str_eq(page(2, 10), "4:anna:{d} 5:anna:{e}");
    ck_assert_str_eq(page(1, 1), "2:berta:{b}");
    must(store_drop_events(bed_desk, "anna", 5, bed_done, &h));
    ck_assert_str_eq(page(0, 10), "2:berta:{b}");
    must(store_drop_events(bed_desk, "berta", 5, bed_done, &h));
    ck_assert_str_eq(page(0, 10), "");
    bed_close();
    ck_assert_int_eq(bed_number("SELECT count(*) FROM event_pages"), 0);
}
END_TEST

START_TEST(a_put_of_many_is_of_few_rows_and_goes_by_them)
{
    enum { N = 200 };
    static char data[2000];
    struct store_event list[N];

    memset(data, 'x', sizeof(data) - 1);
    for (int64_t i = 0; i < N; i++)
        list[i] = row(i + 1, "anna", data);
    bed_open();
    must(store_lend_events(bed_desk, list, N, &bed_loan, bed_done, &h));
    page(0, N);
    /* Of 400 KiB in pages of 64 KiB whole pages went, and 100 events at least are there. */
    bed_close();
    bed_open();
    ck_assert_int_ge(store_events_place(bed_store).dropped, 1);
    ck_assert_int_le(store_events_place(bed_store).dropped, 100);
    bed_close();
    ck_assert_int_le(bed_number("SELECT count(*) FROM event_pages"), 7);
    ck_assert_int_eq(bed_number("SELECT max(last) FROM event_pages"), N);
}
END_TEST

/* As an update does: names and numbers change from one to the next, the rest does not. */
static void put_alike(int64_t n)
{
    char data[600];

    for (int64_t id = 1; id <= n; id++) {
        int len = snprintf(data, sizeof(data), "{\"account\":\"%s\",\"update\":{\"id\":%d,\"hash\":%u,\"%0500d\":1}}",
                           id % 2 ? "anna" : "berta", (int)id, (unsigned)id * 2654435761u, 0);
        ck_assert_int_lt(len, (int)sizeof(data));
        alike[id - 1] = row(id, id % 2 ? "anna" : "berta", strdup(data));
    }
    must(store_lend_events(bed_desk, alike, (size_t)n, &bed_loan, bed_done, &h));
    for (int64_t i = 0; i < n; i++)
        free((char *)alike[i].data);
}

START_TEST(events_that_are_alike_take_few_bytes)
{
    bed_open();
    put_alike(ALIKE);
    page(0, ALIKE);
    ck_assert_uint_gt(told.len, ALIKE * 500);
    ck_assert(strstr(buf_text(&told), "20:berta:{\"account\":\"berta\",\"update\":{\"id\":20,"));
    bed_close();
    ck_assert_int_lt(bed_number("SELECT sum(length(page_sealed)) FROM event_pages"), ALIKE * 600 / 8);
}
END_TEST

START_TEST(an_account_s_events_go_from_among_others_that_are_alike)
{
    bed_open();
    put_alike(ALIKE);
    bed_close();
    int64_t all = bed_number("SELECT sum(length(page_sealed)) FROM event_pages");
    bed_open();
    must(store_drop_events(bed_desk, "anna", ALIKE, bed_done, &h));
    page(0, ALIKE);
    ck_assert(!strstr(buf_text(&told), "anna"));
    ck_assert(strstr(buf_text(&told), " 20:berta:{\"account\":\"berta\",\"update\":{\"id\":20,"));
    bed_close();
    ck_assert_int_lt(bed_number("SELECT sum(length(page_sealed)) FROM event_pages"), all);
    ck_assert_int_eq(bed_number("SELECT sum(n) FROM event_pages"), ALIKE / 2);
}
END_TEST

static void give_back(void *held)
{
    ++*(atomic_int *)held;
}

START_TEST(what_is_lent_is_given_back_when_it_is_written)
{
    static char data[] = "{a}";
    static atomic_int given_back;
    const struct store_event e = row(1, "anna", data);
    struct store_loan loan = {give_back, &given_back, sizeof(data)};

    bed_open();
    must(store_lend_events(bed_desk, &e, 1, &loan, bed_done, &h));
    ck_assert_int_eq(given_back, 1);
    memset(data, 'x', sizeof(data));
    ck_assert_str_eq(page(0, 10), "1:anna:{a}");
    bed_close();
}
END_TEST

START_TEST(what_is_lent_is_given_back_where_it_is_too_much)
{
    static atomic_int given_back;
    const struct store_event e = row(1, "anna", "{a}");
    struct store_loan loan = {give_back, &given_back, LIMIT_STORE_QUEUE};

    bed_open();
    ck_assert_int_eq(store_lend_events(bed_desk, &e, 1, &loan, bed_done, &h), TGC_ELIMIT);
    ck_assert_int_eq(given_back, 1);
    loan.bytes++;
    ck_assert_int_eq(store_lend_events(bed_desk, &e, 1, &loan, bed_done, &h), TGC_ELIMIT);
    ck_assert_int_eq(given_back, 2);
    bed_close();
}
END_TEST

START_TEST(what_is_lent_is_given_back_where_nobody_waits_any_more)
{
    static atomic_int given_back;
    const struct store_event e = row(1, "anna", "{a}");
    struct store_loan loan = {give_back, &given_back, 4};

    bed_open();
    ck_assert_int_eq(store_lend_events(bed_desk, &e, 1, &loan, bed_done, &h), 0);
    bed_close();
    ck_assert_int_eq(given_back, 1);
    bed_open();
    ck_assert_str_eq(page(0, 10), "1:anna:{a}");
    bed_close();
    ck_assert_uint_eq(h.n, 0);
}
END_TEST

START_TEST(numbers_are_reserved_before_they_are_given)
{
    bed_open();
    struct store_events_place at = store_events_place(bed_store);
    ck_assert(at.newest == 0 && at.reserved_before == 0 && at.reserved == LIMIT_EVENTS_RESERVED);
    put(1, "", "{}");
    bed_close(); /* as a kill would */
    bed_open();
    at = store_events_place(bed_store);
    ck_assert(at.newest == 1 && at.reserved_before == LIMIT_EVENTS_RESERVED &&
              at.reserved == 2 * LIMIT_EVENTS_RESERVED);
    struct store_event e = row(at.reserved, "", "{}");
    must(store_lend_events(bed_desk, &e, 1, &bed_loan, bed_done, &h));
    must(store_end_events(bed_desk, e.id, bed_done, &h));
    bed_close();
    bed_open();
    at = store_events_place(bed_store);
    ck_assert(at.newest == e.id && at.reserved_before == e.id && at.reserved == e.id + LIMIT_EVENTS_RESERVED);
    bed_close();
}
END_TEST

START_TEST(what_an_event_says_is_sealed_and_sealed_anew)
{
    bed_open();
    put(1, "anna", "{\"phone\":\"491709876543\"}");
    bed_close();
    ck_assert_int_eq(bed_number("SELECT count(*) FROM event_pages WHERE instr(page_sealed, '4917098') > 0"), 0);
    bed_open();
    must(store_rotate(bed_desk, bed_done, &h));
    bed_close();
    bed_open();
    ck_assert_str_eq(page(0, 10), "1:anna:{\"phone\":\"491709876543\"}");
    bed_close();
    bed_sql("UPDATE event_pages SET page_sealed = x'00' WHERE id = 1");
    bed_open();
    ck_assert_str_eq(page(0, 10), "1:lost(0) damaged 1");
    bed_close();
}
END_TEST

START_TEST(what_is_damaged_has_its_place_and_counts_as_one)
{
    bed_open();
    put(1, "", "{a}");
    struct store_event three[] = {row(2, "", "{b}"), row(3, "", "{c}"), row(4, "", "{d}")};
    must(store_lend_events(bed_desk, three, 3, &bed_loan, bed_done, &h));
    put(5, "", "{e}");
    put(6, "", "{f}");
    bed_close();
    bed_sql("UPDATE event_pages SET page_sealed = x'00' WHERE id = 2");
    bed_open();
    ck_assert_str_eq(page(0, 3), "1::{a} 4:lost(1) 5::{e} damaged 3");
    ck_assert_str_eq(page(2, 1), "4:lost(2) damaged 3");
    ck_assert_str_eq(page(4, 10), "5::{e} 6::{f}");
    bed_close();
}
END_TEST

/* What it says of its last stands there unsealed. */
START_TEST(a_page_has_what_is_in_it_whatever_its_row_says)
{
    bed_open();
    put(1, "", "{a}");
    struct store_event three[] = {row(2, "", "{b}"), row(3, "", "{c}"), row(4, "", "{d}")};
    must(store_lend_events(bed_desk, three, 3, &bed_loan, bed_done, &h));
    put(5, "", "{e}");
    bed_close();
    bed_sql("UPDATE event_pages SET last = 2 WHERE id = 2");
    bed_open();
    ck_assert_str_eq(page(1, 10), "2::{b} 3::{c} 4::{d} 5::{e}");
    ck_assert_str_eq(page(2, 10), "3::{c} 4::{d} 5::{e}");
    ck_assert_str_eq(page(4, 10), "5::{e}");
    bed_close();
}
END_TEST

static void tear_down(void)
{
    bed_tear_down();
    buf_fini(&told);
}

/* More than are read, or removed, at a time. */
START_TEST(a_long_log_is_sealed_anew_and_then_shortened)
{
    enum { PAGES = 150, KEPT = 3 };

    bed_config.events_keep = 1000;
    bed_open();
    for (int64_t id = 1; id <= PAGES; id++)
        put(2 * id, "alice", "here");
    must(store_rotate(bed_desk, bed_done, &h));
    bed_close();
    bed_open();
    ck_assert_msg(strncmp(page(0, PAGES), "2:alice:here 4:alice:here ", 26) == 0, "%s", page(0, PAGES));
    ck_assert_str_eq(page(2 * PAGES - 4, PAGES), "298:alice:here 300:alice:here");
    ck_assert(!strstr(page(0, PAGES), "lost") && !strstr(page(0, PAGES), "damaged"));
    bed_close();
    bed_config.events_keep = KEPT;
    bed_open();
    put(2 * PAGES + 2, "alice", "here");
    ck_assert_str_eq(page(0, PAGES), "(296) 298:alice:here 300:alice:here 302:alice:here");
    bed_close();
}
END_TEST

Suite *suite_event_rows(void)
{
    Suite *s = suite_create("events");
    TCase *t = tcase_create("events");

    buf_init(&told, 8 << 20);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, events_come_back_in_pages);
    tcase_add_test(t, a_page_ends_where_it_is_long_enough);
    tcase_add_test(t, an_event_that_is_there_stays);
    tcase_add_test(t, of_too_many_events_the_oldest_go);
    tcase_add_test(t, of_too_many_bytes_the_oldest_go);
    if (!bed_has_server())
        tcase_add_test(t, a_log_that_is_full_writes_no_page_twice);
    tcase_add_test(t, an_account_s_events_go_with_it_and_are_no_gap);
    tcase_add_test(t, events_go_with_their_account);
    tcase_add_test(t, an_account_s_events_go_from_among_others);
    tcase_add_test(t, a_put_of_many_is_of_few_rows_and_goes_by_them);
    tcase_add_test(t, events_that_are_alike_take_few_bytes);
    tcase_add_test(t, an_account_s_events_go_from_among_others_that_are_alike);
    tcase_add_test(t, what_is_lent_is_given_back_when_it_is_written);
    tcase_add_test(t, what_is_lent_is_given_back_where_it_is_too_much);
    tcase_add_test(t, what_is_lent_is_given_back_where_nobody_waits_any_more);
    tcase_add_test(t, numbers_are_reserved_before_they_are_given);
    tcase_add_test(t, what_an_event_says_is_sealed_and_sealed_anew);
    tcase_add_test(t, what_is_damaged_has_its_place_and_counts_as_one);
    tcase_add_test(t, a_page_has_what_is_in_it_whatever_its_row_says);
    tcase_add_test(t, a_long_log_is_sealed_anew_and_then_shortened);
    suite_add_tcase(s, t);
    return s;
}
