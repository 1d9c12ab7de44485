/* The worker's event log on a real loop, with a real store. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "daemon/base/limits.h"
#include "daemon/store/event_rows.h"
#include "daemon/worker/event_log.h"
#include "tests/support/temp.h"
#include "tests/unit/worker/fixture.h"
#include "tests/unit/worker/suites.h"

static struct net_loop *loop;
static struct store *store;
static struct events *events;
static struct event_log *event_log;
static size_t ring;
static uint64_t reserved; /* 0: what the store says */
static const struct clock_source *loop_clock;
static struct events_reader *reader;

static char database[PATH_MAX];

static void woken(void *ctx)
{
    net_loop_stop(ctx);
}

/* One process begins. */
static void begin(void)
{
    store = small_store(database);
    struct store_events_place at = store_events_place(store);
    ck_assert_int_eq(events_new(&(struct events_config){.ring = ring,
                                                        .ring_bytes = 1 << 20,
                                                        .newest = (uint64_t)at.newest,
                                                        .reserved_before = (uint64_t)at.reserved_before,
                                                        .reserved = reserved ? reserved : (uint64_t)at.reserved,
                                                        .is_written = true,
                                                        .clock = &clock_system},
                                &events),
                     0);
    ck_assert_int_eq(net_loop_new(loop_clock, &loop), 0);
    ck_assert_int_eq(event_log_new(events, store, loop, &event_log), 0);
    ck_assert_int_eq(events_subscribe(events, woken, loop, &reader), 0);
    event_log_start(event_log);
}

/* And ends, by a kill. */
static void end(void)
{
    struct net_timer *look;

    ck_assert_int_eq(net_timer_new(loop, woken, loop, &look), 0);
    while (!event_log_is_idle(event_log)) {
        net_timer_set(look, clock_mono_us(&clock_system) + 2000);
        net_loop_run(loop);
    }
    net_timer_free(look);
    events_unsubscribe(events, reader);
    event_log_free(event_log);
    net_loop_free(loop);
    events_free(events);
    ck_assert_int_eq(store_close(store, NULL), 0);
}

static void set_up(void)
{
    static unsigned n; /* for tests that share a process */
    char name[48];

    snprintf(name, sizeof(name), "store-%d-%u.db", (int)getpid(), n++);
    snprintf(database, sizeof(database), "%s", temp_path(name));
    ring = 100;
    reserved = 0;
    loop_clock = &clock_system;
}

static void say(const char *account, const char *data)
{
    event_log_append(
        event_log,
        &(struct event_words){.account = account, .type = "call", .received_at = 1, .data = data, .len = strlen(data)});
}

/* Until the event with that id is shown. */
static void await(uint64_t id)
{
    while (events_newest(events) < id)
        net_loop_run(loop);
}

static char page_text[4096];
static uint64_t page_end;

static void on_page(void *ctx, int err, const char *why, struct event **list, size_t n, uint64_t up_to)
{
    size_t len = 0;

    (void)ctx;
    ck_assert_msg(err == 0, "%s", why);
    page_text[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        bool is_gap = strcmp(list[i]->text.type, "gap") == 0;
        len += (size_t)snprintf(page_text + len, sizeof(page_text) - len, "%s%d:%s", i ? " " : "", (int)list[i]->id,
                                is_gap ? "gap" : list[i]->text.data);
        event_drop(list[i]);
    }
    page_end = up_to;
    net_loop_stop(loop);
}

static const char *page(uint64_t after, size_t limit)
{
    page_end = UINT64_MAX;
    ck_assert_int_eq(event_log_read(event_log, after, limit, on_page, NULL), 0);
    while (page_end == UINT64_MAX)
        net_loop_run(loop);
    return page_text;
}

START_TEST(what_happened_is_on_the_disk_when_it_is_shown)
{
    begin();
    say("anna", "{a}");
    ck_assert_uint_eq(events_newest(events), 0);
    say("anna", "{b}");
    await(2);
    end();
    begin();
    await(LIMIT_EVENTS_RESERVED + 1);
    ck_assert_str_eq(page(0, 10), "1:{a} 2:{b} 10001:gap");
    ck_assert_uint_eq(page_end, 10001);
    ck_assert_str_eq(page(2, 10), "10001:gap");
    ck_assert_str_eq(page(1, 1), "2:{b}");
    ck_assert_uint_eq(page_end, 2);
    end();
}
END_TEST

START_TEST(who_is_far_behind_reads_from_the_disk_to_where_memory_goes_on)
{
    ring = 3;
    begin();
    for (int i = 1; i <= 8; i++) {
        say("", "{}");
        await((uint64_t)i);
    }
    ck_assert_str_eq(page(1, 4), "2:{} 3:{} 4:{} 5:{}");
    ck_assert_uint_eq(page_end, 5);
    page(5, 10);
    ck_assert_uint_ge(page_end, 5);
    ck_assert_uint_eq(events_oldest_here(events), 6);
    end();
}
END_TEST

START_TEST(what_was_dropped_is_a_gap)
{
    ring = 5;
    begin();
    for (int i = 1; i <= 30; i++) {
        say("", "{}");
        await((uint64_t)i);
    }
    ck_assert_str_eq(page(5, 2), "10:gap 11:{} 12:{}");
    ck_assert_str_eq(page(10, 1), "11:{}");
    end();
}
END_TEST

/* Between two processes. */
static int change(const char *sql)
{
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(database, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    int n = sqlite3_changes(db);
    sqlite3_close(db);
    return n;
}

static void spoil(const char *where)
{
    char sql[128];

    snprintf(sql, sizeof(sql), "UPDATE event_pages SET page_sealed = x'00' WHERE %s", where);
    ck_assert_int_gt(change(sql), 0);
}

START_TEST(what_is_damaged_is_a_gap_and_the_log_goes_on_behind_it)
{
    begin();
    for (int i = 1; i <= 6; i++) {
        say("", "{}");
        await((uint64_t)i);
    }
    end();
    spoil("id IN (2, 3)");
    begin();
    await(LIMIT_EVENTS_RESERVED + 1);
    ck_assert_str_eq(page(0, 4), "1:{} 2:gap 3:gap 4:{}");
    ck_assert_uint_eq(page_end, 4);
    ck_assert_str_eq(page(1, 2), "2:gap 3:gap");
    ck_assert_uint_eq(page_end, 3);
    ck_assert_str_eq(page(3, 10), "4:{} 5:{} 6:{} 10001:gap");
    end();
}
END_TEST

/* The disk refuses what is to be written next. */
static void lose_on_disk(void)
{
    struct event *list[4];
    uint64_t up_to;

    ck_assert_int_eq(
        events_append(events,
                      &(struct event_words){.account = "", .type = "call", .received_at = 1, .data = "{}", .len = 2},
                      NULL),
        0);
    size_t n = events_to_write(events, 4, list, &up_to);
    ck_assert_uint_gt(n, 0);
    for (size_t i = 0; i < n; i++)
        event_drop(list[i]);
    events_written(events, false);
}

START_TEST(what_missed_the_disk_and_fell_out_of_memory_is_a_gap)
{
    ring = 3;
    begin();
    say("", "{}");
    await(1);
    for (int i = 2; i <= 6; i++)
        lose_on_disk();
    ck_assert_uint_eq(events_newest(events), 6);
    ck_assert_uint_eq(events_oldest_here(events), 4);
    ck_assert_str_eq(page(0, 10), "1:{} 3:gap");
    ck_assert_uint_eq(page_end, 3);
    ck_assert_str_eq(page(2, 10), "3:gap");
    ck_assert_str_eq(page(0, 1), "1:{}");
    end();
}
END_TEST

static int64_t still_us;

static int64_t standing_us(void *ctx)
{
    (void)ctx;
    return still_us;
}

static const struct clock_source standing = {standing_us, standing_us, NULL};

START_TEST(what_is_enough_for_a_put_waits_for_no_time)
{
    still_us = SECOND_US;
    loop_clock = &standing;
    ring = 3000;
    begin();
    say("", "{}");
    await(1);
    for (int i = 0; i < 2500; i++)
        say("", "{}");
    await(2001); /* by several puts, and time stands still */
    ck_assert_uint_lt(events_newest(events), 2501);
    still_us += SECOND_US;
    await(2501);
    ck_assert(events_are_written(events));
    end();
}
END_TEST

/* What may not be shown, as its numbers are not reserved, is enough for a put again and again. */
START_TEST(what_the_disk_did_not_take_waits_for_its_time)
{
    enum { ENOUGH = 1024 + 9 };
    struct event *first;
    uint64_t up_to;

    begin();
    end();
    change("CREATE TRIGGER small BEFORE INSERT ON event_pages WHEN NEW.n = 1 BEGIN SELECT RAISE(ABORT, 'full'); END");
    still_us = SECOND_US;
    loop_clock = &standing;
    ring = 3000;
    reserved = LIMIT_EVENTS_RESERVED + 1;
    begin();
    await(reserved); /* a gap, which the disk does not take */
    for (int i = 0; i < ENOUGH; i++)
        say("", "{}");
    ck_assert_uint_eq(events_to_write(events, 1, &first, &up_to), 1); /* nothing is under way */
    event_drop(first);
    events_written(events, false);
    while (!events_are_written(events)) {
        still_us += SECOND_US;
        net_loop_run(loop);
    }
    ck_assert_uint_eq(events_newest(events), reserved + ENOUGH);
    end();
}
END_TEST

START_TEST(a_deleted_account_leaves_nothing)
{
    begin();
    say("anna", "{a}");
    say("berta", "{b}");
    await(2);
    say("anna", "{c}");
    event_log_forget(event_log, "anna");
    say("berta", "{d}");
    await(4);
    ck_assert_str_eq(page(0, 10), "2:{b} 4:{d}");
    struct event *event;
    ck_assert_int_eq(events_next(events, 0, &event), EVENTS_NEXT);
    ck_assert_uint_eq(event->id, 2);
    event_drop(event);
    end();
}
END_TEST

START_TEST(what_the_disk_does_not_let_go_is_tried_until_it_does)
{
    begin();
    say("anna", "{a}");
    await(1);
    end();
    change("CREATE TABLE until AS SELECT strftime('%s', 'now') + 2 AS at");
    change("CREATE TRIGGER stays BEFORE DELETE ON event_pages WHEN strftime('%s', 'now') < (SELECT at FROM until) "
           "BEGIN SELECT RAISE(ABORT, 'no'); END");
    begin();
    event_log_forget(event_log, "anna");
    while (strcmp(page(0, 10), "1:{a}") == 0)
        ;
    end();
}
END_TEST

Suite *suite_event_log(void)
{
    Suite *s = suite_create("event_log");
    TCase *t = tcase_create("event_log");

    suite_add_tcase(s, t);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, NULL);
    tcase_add_test(t, what_happened_is_on_the_disk_when_it_is_shown);
    tcase_add_test(t, who_is_far_behind_reads_from_the_disk_to_where_memory_goes_on);
    tcase_add_test(t, what_was_dropped_is_a_gap);
    tcase_add_test(t, what_is_damaged_is_a_gap_and_the_log_goes_on_behind_it);
    tcase_add_test(t, what_missed_the_disk_and_fell_out_of_memory_is_a_gap);
    tcase_add_test(t, what_is_enough_for_a_put_waits_for_no_time);
    tcase_add_test(t, what_the_disk_did_not_take_waits_for_its_time);
    tcase_add_test(t, a_deleted_account_leaves_nothing);
    tcase_add_test(t, what_the_disk_does_not_let_go_is_tried_until_it_does);
    return s;
}
