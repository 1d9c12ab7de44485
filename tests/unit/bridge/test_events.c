#include "tests/support/unit.h"
#include "tests/unit/bridge/suites.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/bridge/events.h"

/* Most know no disk: what is appended is shown at once. */
static struct events *make(struct events_config config)
{
    struct events *e;

    if (!config.ring)
        config.ring = 4;
    if (!config.ring_bytes)
        config.ring_bytes = 1 << 20;
    if (!config.reserved)
        config.reserved = UINT64_MAX;
    config.clock = &clock_system;
    ck_assert_int_eq(events_new(&config, &e), 0);
    return e;
}

static int say(struct events *e, const char *account, const char *data)
{
    return events_append(
        e,
        &(struct event_words){
            .account = account, .type = "call", .received_at = 1700000000, .data = data, .len = strlen(data)},
        NULL);
}

static void says(struct events *e, const char *data)
{
    ck_assert_int_eq(say(e, "", data), 0);
}

/* "ID:DATA" of all after AFTER that are in memory, with spaces between; gaps as "ID:gap(AFTER)". */
static const char *told(struct events *e, uint64_t after)
{
    static char out[4096];
    struct event *event;
    size_t len = 0;

    out[0] = '\0';
    while (events_next(e, after, &event) == EVENTS_NEXT) {
        const char *from = strstr(event->text.data, "\"after\":");
        len += (size_t)(strcmp(event->text.type, "gap") == 0
                            ? snprintf(out + len, sizeof(out) - len, "%s%d:gap(%d)", len ? " " : "", (int)event->id,
                                       atoi(from + strlen("\"after\":")))
                            : snprintf(out + len, sizeof(out) - len, "%s%d:%s", len ? " " : "", (int)event->id,
                                       event->text.data));
        ck_assert_uint_gt(event->id, after);
        after = event->id;
        event_drop(event);
    }
    return out;
}

/* Takes what is to be written: "ID:DATA" or "ID:gap". */
static const char *taken(struct events *e, uint64_t *ret_reserved)
{
    static char out[4096];
    struct event *list[64];
    uint64_t reserved;
    size_t n = events_to_write(e, 64, list, &reserved), len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        bool is_gap = strcmp(list[i]->text.type, "gap") == 0;
        len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%d:%s", i ? " " : "", (int)list[i]->id,
                                is_gap ? "gap" : list[i]->text.data);
        event_drop(list[i]);
    }
    if (n && ret_reserved)
        *ret_reserved = reserved;
    return out;
}

static void count_wake(void *ctx)
{
    ++*(int *)ctx;
}

START_TEST(numbers_begin_with_one_and_are_read_in_order)
{
    struct events *e = make((struct events_config){0});
    struct event *event;

    ck_assert_int_eq(events_next(e, 0, &event), EVENTS_NONE);
    ck_assert_uint_eq(events_newest(e), 0);
    says(e, "{a}");
    says(e, "{b}");
    ck_assert_str_eq(told(e, 0), "1:{a} 2:{b}");
    ck_assert_str_eq(told(e, 1), "2:{b}");
    ck_assert_str_eq(told(e, 2), "");
    ck_assert_uint_eq(events_newest(e), 2);
    events_free(e);
}
END_TEST

START_TEST(the_ring_is_bounded_by_number)
{
    struct events *e = make((struct events_config){.ring = 3});
    struct event *event;

    for (int i = 0; i < 5; i++)
        says(e, "{}");
    ck_assert_int_eq(events_next(e, 0, &event), EVENTS_OLDER);
    ck_assert_int_eq(events_next(e, 1, &event), EVENTS_OLDER);
    ck_assert_str_eq(told(e, 2), "3:{} 4:{} 5:{}");
    ck_assert_uint_eq(events_oldest_here(e), 3);
    events_free(e);
}
END_TEST

START_TEST(the_ring_is_bounded_by_bytes)
{
    struct event *sample = event_new(1, &(struct event_words){.account = "", .type = "call", .data = "{}", .len = 2});
    struct events *e = make((struct events_config){.ring = 100, .ring_bytes = 2 * event_size(sample)});

    event_drop(sample);
    for (int i = 0; i < 3; i++)
        says(e, "{}");
    ck_assert_str_eq(told(e, 1), "2:{} 3:{}");
    says(e, "{\"longer than both of them together, and so alone\":\"                                            \"}");
    ck_assert_uint_eq(events_oldest_here(e), 4);
    events_free(e);
}
END_TEST

START_TEST(an_event_outlives_the_ring_while_it_is_held)
{
    struct events *e = make((struct events_config){.ring = 1});
    struct event *event;

    says(e, "{a}");
    ck_assert_int_eq(events_next(e, 0, &event), EVENTS_NEXT);
    says(e, "{b}");
    events_free(e);
    ck_assert_str_eq(event->text.data, "{a}");
    ck_assert_str_eq(event->text.account, "");
    ck_assert_str_eq(event->text.type, "call");
    event_drop(event);
}
END_TEST

START_TEST(readers_are_woken_until_they_leave)
{
    struct events *e = make((struct events_config){0});
    struct events_reader *first, *second;
    int a = 0, b = 0;

    ck_assert_int_eq(events_subscribe(e, count_wake, &a, &first), 0);
    ck_assert_int_eq(events_subscribe(e, count_wake, &b, &second), 0);
    says(e, "{}");
    events_unsubscribe(e, first);
    says(e, "{}");
    ck_assert_int_eq(a, 1);
    ck_assert_int_eq(b, 2);
    events_unsubscribe(e, second);
    says(e, "{}");
    ck_assert_int_eq(b, 2);
    events_free(e);
}
END_TEST

START_TEST(nothing_is_shown_before_it_is_written)
{
    struct events *e = make((struct events_config){.is_written = true, .reserved = 100});
    struct events_reader *reader;
    int wakes = 0;
    uint64_t reserved;

    ck_assert_int_eq(events_subscribe(e, count_wake, &wakes, &reader), 0);
    says(e, "{a}");
    says(e, "{b}");
    ck_assert_str_eq(told(e, 0), "");
    ck_assert_str_eq(taken(e, &reserved), "1:{a} 2:{b}");
    says(e, "{c}");
    ck_assert_str_eq(taken(e, NULL), ""); /* one writing at a time */
    ck_assert_int_eq(wakes, 0);
    ck_assert_uint_eq(events_written(e, true), 1);
    ck_assert_int_eq(wakes, 1);
    ck_assert_str_eq(told(e, 0), "1:{a} 2:{b}");
    ck_assert_str_eq(taken(e, NULL), "3:{c}");
    events_written(e, true);
    ck_assert_str_eq(told(e, 0), "1:{a} 2:{b} 3:{c}");
    events_unsubscribe(e, reader);
    events_free(e);
}
END_TEST

static size_t waiting_after(struct events *e, size_t len)
{
    size_t n = 99;

    (void)!events_append(
        e, &(struct event_words){.account = "", .type = "call", .received_at = 1, .data = "{}", .len = len}, &n);
    return n;
}

START_TEST(an_event_that_is_held_outlives_those_beside_it)
{
    static char large[20000];
    struct event_block *block = NULL;
    struct event *events[200], *held[20];
    char data[600];

    memset(large, 'l', sizeof(large));
    for (int i = 0; i < 200; i++) {
        size_t len = (size_t)snprintf(data, sizeof(data), "{%d %.*s}", i, i * 2, large);
        struct event_words text = {.account = "anna", .type = "call", .received_at = i, .data = data, .len = len};
        if (i % 10 == 9) {
            text.data = large;
            text.len = sizeof(large);
        }
        events[i] = event_new_in(&block, (uint64_t)i, &text);
        ck_assert_ptr_nonnull(events[i]);
        if (i % 10 == (i % 20 < 10 ? 3 : 9))
            held[i / 10] = event_hold(events[i]);
    }
    for (int i = 0; i < 200; i++)
        event_drop(events[i]);
    event_block_end(&block);
    ck_assert_ptr_null(block);
    for (int i = 0; i < 20; i++) {
        const struct event *e = held[i];
        ck_assert_str_eq(e->text.account, "anna");
        ck_assert_str_eq(e->text.type, "call");
        ck_assert_int_eq(e->text.received_at, (int64_t)e->id);
        snprintf(data, sizeof(data), "{%d %.*s}", (int)e->id, (int)e->id * 2, large);
        if (e->id % 10 == 9)
            ck_assert(e->text.len == sizeof(large) && memcmp(e->text.data, large, sizeof(large)) == 0);
        else
            ck_assert_str_eq(e->text.data, data);
        event_drop(held[i]);
    }
    event_block_end(&block);
}
END_TEST

START_TEST(it_is_said_how_many_wait_to_be_written)
{
    struct events *e = make((struct events_config){.is_written = true, .ring = 3, .reserved = 99});

    ck_assert_uint_eq(waiting_after(e, 2), 1);
    ck_assert_uint_eq(waiting_after(e, 2), 2);
    ck_assert_uint_eq(waiting_after(e, LIMIT_EVENT + 1), 2);
    ck_assert_str_ne(taken(e, NULL), "");
    ck_assert_uint_eq(waiting_after(e, 2), 0);
    ck_assert_uint_eq(events_written(e, true), 2); /* and the gap */
    ck_assert_uint_eq(waiting_after(e, 2), 3);
    ck_assert_uint_eq(waiting_after(e, 2), 3); /* the ring has no more */
    events_free(e);
    e = make((struct events_config){.ring = 3});
    ck_assert_uint_eq(waiting_after(e, 2), 0);
    events_free(e);
}
END_TEST

START_TEST(no_number_is_shown_that_the_disk_does_not_say_is_reserved)
{
    struct events *e = make((struct events_config){.is_written = true, .ring = 8, .reserved = 2});
    uint64_t reserved = 0;

    for (int i = 0; i < 3; i++)
        says(e, "{a}");
    ck_assert_str_eq(taken(e, &reserved), "1:{a} 2:{a} 3:{a}");
    ck_assert_uint_eq(reserved, 3 + LIMIT_EVENTS_RESERVED);
    events_written(e, false);
    ck_assert_str_eq(told(e, 0), "1:{a} 2:{a}");
    says(e, "{b}");
    ck_assert_str_eq(taken(e, NULL), "2:gap 3:{a} 4:{b}");
    events_written(e, false);
    ck_assert_str_eq(told(e, 0), "1:{a} 2:{a}");
    says(e, "{c}");
    ck_assert_str_eq(taken(e, NULL), "2:gap 3:{a} 4:{b} 5:{c}");
    events_written(e, true);
    ck_assert_str_eq(told(e, 2), "3:{a} 4:{b} 5:{c}");
    events_free(e);
}
END_TEST

START_TEST(what_could_not_be_shown_is_a_gap_when_it_fell_out)
{
    struct events *e = make((struct events_config){.is_written = true, .ring = 2, .reserved = 1});

    for (int i = 0; i < 2; i++)
        says(e, "{a}");
    ck_assert_str_eq(taken(e, NULL), "1:{a} 2:{a}");
    for (int i = 0; i < 2; i++)
        says(e, "{b}");
    events_written(e, false);
    ck_assert_str_eq(taken(e, NULL), "2:gap 3:{b} 4:{b}");
    events_written(e, true);
    ck_assert_str_eq(told(e, 2), "3:{b} 4:{b}");
    events_free(e);
}
END_TEST

START_TEST(what_a_full_disk_did_not_take_is_shown_and_is_a_gap_on_the_disk)
{
    struct events *e = make((struct events_config){.is_written = true, .reserved = 100});

    says(e, "{a}");
    taken(e, NULL);
    events_written(e, true);
    for (int i = 0; i < 2; i++) {
        says(e, "{b}");
        taken(e, NULL);
        events_written(e, false);
    }
    ck_assert_str_eq(told(e, 0), "1:{a} 2:{b} 3:{b}");
    says(e, "{c}");
    ck_assert_str_eq(taken(e, NULL), "3:gap 4:{c}");
    events_written(e, true);
    says(e, "{d}");
    ck_assert_str_eq(taken(e, NULL), "5:{d}");
    events_free(e);
}
END_TEST

START_TEST(what_fell_out_before_it_was_written_is_a_gap_on_the_disk)
{
    struct events *e = make((struct events_config){.is_written = true, .ring = 2, .reserved = 100});

    says(e, "{a}");
    ck_assert_str_eq(taken(e, NULL), "1:{a}");
    for (int i = 0; i < 4; i++)
        says(e, "{b}");
    events_written(e, true);
    ck_assert_str_eq(taken(e, NULL), "3:gap 4:{b} 5:{b}");
    events_written(e, true);
    ck_assert_str_eq(told(e, 3), "4:{b} 5:{b}");
    events_free(e);
}
END_TEST

START_TEST(a_predecessor_that_did_not_end_in_order_leaves_a_gap)
{
    struct events *e =
        make((struct events_config){.is_written = true, .newest = 9, .reserved_before = 1000, .reserved = 3000});
    struct event *event;

    ck_assert_uint_eq(events_newest(e), 1000);
    ck_assert_str_eq(taken(e, NULL), "1001:gap");
    events_written(e, true);
    ck_assert_str_eq(told(e, 1000), "1001:gap(9)");
    ck_assert_uint_eq(events_newest(e), 1001);
    ck_assert_int_eq(events_next(e, 9, &event), EVENTS_OLDER);
    events_free(e);
}
END_TEST

START_TEST(a_predecessor_that_ended_in_order_leaves_none)
{
    struct events *e = make((struct events_config){.is_written = true, .newest = 9, .reserved_before = 9});

    says(e, "{a}");
    ck_assert_str_eq(taken(e, NULL), "10:{a}");
    events_written(e, true);
    ck_assert_str_eq(told(e, 9), "10:{a}");
    events_free(e);
}
END_TEST

START_TEST(what_is_lost_or_too_long_is_a_gap_in_its_place)
{
    struct events *e = make((struct events_config){.ring = 8});
    char *long_text = calloc(1, LIMIT_EVENT + 2);

    ck_assert_ptr_nonnull(long_text);
    memset(long_text, 'x', LIMIT_EVENT + 1);
    says(e, "{a}");
    ck_assert_int_eq(say(e, "", long_text), TGC_ELIMIT);
    says(e, "{b}");
    events_lose(e, "");
    says(e, "{c}");
    ck_assert_str_eq(told(e, 0), "1:{a} 2:gap(1) 3:{b} 4:gap(3) 5:{c}");
    free(long_text);
    events_free(e);
}
END_TEST

START_TEST(a_deleted_account_s_events_are_passed_over)
{
    struct events *e = make((struct events_config){.is_written = true, .reserved = 100, .ring = 8});

    ck_assert_int_eq(say(e, "a", "{a1}"), 0);
    ck_assert_int_eq(say(e, "b", "{b1}"), 0);
    ck_assert_int_eq(say(e, "a", "{a2}"), 0);
    ck_assert_int_eq(say(e, "b", "{b2}"), 0);
    events_forget(e, "a");
    ck_assert_str_eq(taken(e, NULL), "2:{b1} 4:{b2}");
    events_written(e, true);
    ck_assert_str_eq(told(e, 0), "2:{b1} 4:{b2}");
    events_forget(e, "b");
    ck_assert_str_eq(told(e, 0), "");
    ck_assert_int_eq(say(e, "c", "{c}"), 0);
    events_forget(e, "c");
    ck_assert_str_eq(taken(e, NULL), "");
    ck_assert_uint_eq(events_newest(e), 5);
    events_free(e);
}
END_TEST

/* --- a log of another process's --- */

START_TEST(a_log_that_is_followed_is_on_the_disk_up_to_its_newest)
{
    struct events *e = make((struct events_config){.is_written = true});
    struct events_reader *reader;
    struct event *event;
    int wakes = 0;

    ck_assert_int_eq(events_subscribe(e, count_wake, &wakes, &reader), 0);
    events_follow(e, 7);
    ck_assert_int_eq(wakes, 1);
    ck_assert_uint_eq(events_newest(e), 7);
    ck_assert_int_eq(events_next(e, 0, &event), EVENTS_OLDER);
    ck_assert_int_eq(events_next(e, 6, &event), EVENTS_OLDER);
    ck_assert_int_eq(events_next(e, 7, &event), EVENTS_NONE);
    ck_assert_int_eq(events_next(e, 8, &event), EVENTS_AHEAD);
    ck_assert_uint_eq(events_oldest_here(e), 8);
    events_follow(e, 7);
    ck_assert_int_eq(wakes, 1);
    events_follow(e, 9);
    ck_assert_int_eq(wakes, 2);
    ck_assert_int_eq(events_next(e, 7, &event), EVENTS_OLDER);
    events_unsubscribe(e, reader);
    events_free(e);
}
END_TEST

START_TEST(nothing_is_appended_to_a_log_that_is_followed)
{
    struct events *e = make((struct events_config){.is_written = true, .reserved = 100});
    size_t waiting = 1;

    events_follow(e, 7);
    ck_assert_int_eq(
        events_append(e, &(struct event_words){.account = "", .type = "call", .data = "{}", .len = 2}, &waiting),
        TGC_ESTATE);
    ck_assert_uint_eq(waiting, 0);
    events_lose(e, "");
    ck_assert_str_eq(taken(e, NULL), "");
    ck_assert_uint_eq(events_newest(e), 7);
    ck_assert_uint_eq(events_forget(e, "a"), 7);
    /* So nobody says in its place that it ended in order. */
    ck_assert(!events_are_written(e));
    events_free(e);
}
END_TEST

START_TEST(who_is_ahead_of_a_log_that_is_followed_is_lost_when_a_look_that_began_later_says_so)
{
    struct events *e = make((struct events_config){.is_written = true});
    struct events_reader *reader;
    uint64_t look = 0, newest;
    int wakes = 0;

    events_follow(e, 7);
    ck_assert_int_eq(events_subscribe(e, count_wake, &wakes, &reader), 0);
    ck_assert(!events_is_lost(e, 9, &look, &newest));
    /* That one may have been under way. */
    events_follow(e, 7);
    ck_assert_int_eq(wakes, 1);
    ck_assert(!events_is_lost(e, 9, &look, &newest));
    events_follow(e, 8);
    ck_assert_int_eq(wakes, 2);
    ck_assert(events_is_lost(e, 9, &look, &newest));
    ck_assert_uint_eq(newest, 8);
    events_unsubscribe(e, reader);
    events_free(e);
}
END_TEST

START_TEST(who_was_told_of_an_event_earlier_elsewhere_is_not_lost)
{
    struct events *e = make((struct events_config){.is_written = true});
    uint64_t look = 0, newest;
    struct event *event;

    events_follow(e, 7);
    ck_assert(!events_is_lost(e, 9, &look, &newest));
    events_follow(e, 7);
    events_follow(e, 9);
    ck_assert(!events_is_lost(e, 9, &look, &newest));
    ck_assert_int_eq(events_next(e, 9, &event), EVENTS_NONE);
    events_follow(e, 10);
    ck_assert_int_eq(events_next(e, 9, &event), EVENTS_OLDER);
    events_free(e);
}
END_TEST

START_TEST(who_is_ahead_of_a_log_of_ones_own_is_lost_at_once)
{
    struct events *e = make((struct events_config){0});
    uint64_t look = 0, newest;

    says(e, "{a}");
    ck_assert(!events_is_lost(e, 1, &look, &newest));
    ck_assert(events_is_lost(e, 2, &look, &newest));
    ck_assert_uint_eq(newest, 1);
    events_free(e);
}
END_TEST

START_TEST(a_log_that_was_put_back_goes_on_from_there)
{
    struct events *e = make((struct events_config){.is_written = true});
    struct events_reader *reader;
    struct event *event;
    uint64_t look = 0, newest;
    int wakes = 0;

    events_follow(e, 100);
    ck_assert_int_eq(events_subscribe(e, count_wake, &wakes, &reader), 0);
    events_follow(e, 50);
    ck_assert_int_eq(wakes, 1);
    ck_assert_int_eq(events_next(e, 100, &event), EVENTS_AHEAD);
    ck_assert_int_eq(events_next(e, 49, &event), EVENTS_OLDER);
    ck_assert_uint_eq(events_oldest_here(e), 51);
    ck_assert(!events_is_lost(e, 100, &look, &newest));
    events_follow(e, 50);
    events_follow(e, 51);
    ck_assert(events_is_lost(e, 100, &look, &newest));
    ck_assert_uint_eq(newest, 51);
    events_unsubscribe(e, reader);
    events_free(e);
}
END_TEST

START_TEST(who_takes_a_log_over_goes_on_behind_a_gap_with_all_its_readers)
{
    struct events *e = make((struct events_config){.is_written = true, .ring = 8});
    struct events_reader *reader;
    struct event *event;
    uint64_t reserved, after, end;
    int wakes = 0;

    events_follow(e, 9);
    ck_assert_int_eq(events_subscribe(e, count_wake, &wakes, &reader), 0);
    ck_assert_int_eq(events_take_over(e, 9, 1000, 3000), 0);
    says(e, "{a}");
    ck_assert_str_eq(taken(e, &reserved), "1001:gap 1002:{a}");
    ck_assert_uint_eq(reserved, 1002 + LIMIT_EVENTS_RESERVED);
    wakes = 0;
    events_written(e, true);
    ck_assert_int_eq(wakes, 1);
    ck_assert_int_eq(events_next(e, 9, &event), EVENTS_OLDER);
    ck_assert_str_eq(told(e, 1000), "1001:gap(9) 1002:{a}");
    events_skipped(e, &after, &end);
    ck_assert_uint_eq(after, 9);
    ck_assert_uint_eq(end, 1000);
    ck_assert(events_are_written(e));
    events_unsubscribe(e, reader);
    events_free(e);
}
END_TEST

START_TEST(who_takes_over_a_log_that_ended_in_order_goes_on_without_a_gap)
{
    struct events *e = make((struct events_config){.is_written = true});

    events_follow(e, 8); /* it was not heard yet that there is a ninth */
    ck_assert_int_eq(events_take_over(e, 9, 9, 3000), 0);
    ck_assert_uint_eq(events_newest(e), 9);
    says(e, "{a}");
    ck_assert_str_eq(taken(e, NULL), "10:{a}");
    events_written(e, true);
    ck_assert_str_eq(told(e, 9), "10:{a}");
    events_free(e);
}
END_TEST

/* The event of that id, with its id as its data. */
static struct event *numbered(uint64_t id)
{
    char data[32];
    size_t len = (size_t)snprintf(data, sizeof(data), "%d", (int)id);

    return event_new(id,
                     &(struct event_words){.account = id % 2 ? "a" : "b", .type = "call", .data = data, .len = len});
}

START_TEST(what_was_read_of_a_log_that_is_followed_is_in_memory)
{
    struct events *e = make((struct events_config){.is_written = true, .ring = 8});
    struct event *event;
    uint64_t after, end;

    events_follow(e, 7);
    events_follow_with(e, 9, (struct event *[]){numbered(8), numbered(9)}, 2);
    ck_assert_int_eq(events_next(e, 6, &event), EVENTS_OLDER);
    ck_assert_str_eq(told(e, 7), "8:8 9:9");
    ck_assert_uint_eq(events_oldest_here(e), 8);
    /* Ten and twelve are of none. */
    events_follow_with(e, 12, (struct event *[]){numbered(11)}, 1);
    events_follow(e, 12);
    ck_assert_str_eq(told(e, 7), "8:8 9:9 11:11");
    events_follow_with(e, 18, (struct event *[]){numbered(13), numbered(14), numbered(18)}, 3);
    ck_assert_int_eq(events_next(e, 9, &event), EVENTS_OLDER);
    ck_assert_str_eq(told(e, 10), "11:11 13:13 14:14 18:18");
    ck_assert(!events_hole(e, &after, &end));
    /* More than it can hold. */
    events_follow_with(e, 40, (struct event *[]){numbered(40)}, 1);
    ck_assert_int_eq(events_next(e, 39, &event), EVENTS_OLDER);
    ck_assert_int_eq(events_next(e, 40, &event), EVENTS_NONE);
    events_follow_with(e, 41, (struct event *[]){numbered(41)}, 1);
    ck_assert_str_eq(told(e, 40), "41:41");
    events_free(e);
}
END_TEST

START_TEST(what_fell_out_of_the_memory_of_a_log_that_is_followed_is_no_hole)
{
    struct event *sample = numbered(1);
    struct events *e =
        make((struct events_config){.is_written = true, .ring = 8, .ring_bytes = 2 * event_size(sample)});
    uint64_t after, end;

    event_drop(sample);
    events_follow(e, 0);
    events_follow_with(e, 4, (struct event *[]){numbered(1), numbered(2), numbered(3), numbered(4)}, 4);
    ck_assert_str_eq(told(e, 2), "3:3 4:4");
    ck_assert(!events_hole(e, &after, &end));
    events_free(e);
}
END_TEST

START_TEST(what_was_forgotten_where_a_log_is_written_is_not_in_memory_where_it_is_followed)
{
    struct events *e = make((struct events_config){.is_written = true, .ring = 8});
    struct event *event;

    events_follow(e, 7);
    events_follow_with(e, 9, (struct event *[]){numbered(8), numbered(9)}, 2);
    events_follow_anew(e);
    ck_assert_uint_eq(events_newest(e), 9);
    ck_assert_int_eq(events_next(e, 7, &event), EVENTS_OLDER);
    events_follow_with(e, 10, (struct event *[]){numbered(10)}, 1);
    ck_assert_str_eq(told(e, 9), "10:10");
    /* Put back, with more that was read. */
    events_follow_with(e, 9, NULL, 0);
    ck_assert_int_eq(events_next(e, 8, &event), EVENTS_OLDER);
    ck_assert_int_eq(events_next(e, 10, &event), EVENTS_AHEAD);
    /* And it begins anew where this process takes over. */
    events_follow_with(e, 10, (struct event *[]){numbered(10)}, 1);
    ck_assert_int_eq(events_take_over(e, 10, 10, 1000), 0);
    ck_assert_int_eq(events_next(e, 9, &event), EVENTS_OLDER);
    ck_assert_str_eq(taken(e, NULL), "");
    says(e, "{a}");
    ck_assert_str_eq(taken(e, NULL), "11:{a}");
    events_written(e, true);
    ck_assert_str_eq(told(e, 10), "11:{a}");
    events_free(e);
}
END_TEST

enum { THREADS = 4, EACH = 2000 };

static void *append_many(void *ctx)
{
    for (int i = 0; i < EACH; i++)
        if (say(ctx, "", "{}") < 0)
            return ctx;
    return NULL;
}

START_TEST(all_threads_append_and_none_s_event_is_lost)
{
    struct events *e = make((struct events_config){.ring = THREADS * EACH, .ring_bytes = 64 << 20});
    pthread_t threads[THREADS];
    struct event *event;
    uint64_t after = 0;

    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, append_many, e), 0);
    while (after < THREADS * EACH)
        if (events_next(e, after, &event) == EVENTS_NEXT) {
            ck_assert_uint_eq(event->id, after + 1);
            after = event->id;
            event_drop(event);
        }
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        ck_assert_int_eq(pthread_join(threads[i], &failed), 0);
        ck_assert_ptr_null(failed);
    }
    events_free(e);
}
END_TEST

Suite *suite_events(void)
{
    Suite *s = suite_create("events");
    TCase *t = tcase_create("events");

    suite_add_tcase(s, t);
    tcase_add_test(t, numbers_begin_with_one_and_are_read_in_order);
    tcase_add_test(t, the_ring_is_bounded_by_number);
    tcase_add_test(t, the_ring_is_bounded_by_bytes);
    tcase_add_test(t, an_event_outlives_the_ring_while_it_is_held);
    tcase_add_test(t, readers_are_woken_until_they_leave);
    tcase_add_test(t, nothing_is_shown_before_it_is_written);
    tcase_add_test(t, an_event_that_is_held_outlives_those_beside_it);
    tcase_add_test(t, it_is_said_how_many_wait_to_be_written);
    tcase_add_test(t, no_number_is_shown_that_the_disk_does_not_say_is_reserved);
    tcase_add_test(t, what_could_not_be_shown_is_a_gap_when_it_fell_out);
    tcase_add_test(t, what_a_full_disk_did_not_take_is_shown_and_is_a_gap_on_the_disk);
    tcase_add_test(t, what_fell_out_before_it_was_written_is_a_gap_on_the_disk);
    tcase_add_test(t, a_predecessor_that_did_not_end_in_order_leaves_a_gap);
    tcase_add_test(t, a_predecessor_that_ended_in_order_leaves_none);
    tcase_add_test(t, what_is_lost_or_too_long_is_a_gap_in_its_place);
    tcase_add_test(t, a_deleted_account_s_events_are_passed_over);
    tcase_add_test(t, a_log_that_is_followed_is_on_the_disk_up_to_its_newest);
    tcase_add_test(t, nothing_is_appended_to_a_log_that_is_followed);
    tcase_add_test(t, who_is_ahead_of_a_log_that_is_followed_is_lost_when_a_look_that_began_later_says_so);
    tcase_add_test(t, who_was_told_of_an_event_earlier_elsewhere_is_not_lost);
    tcase_add_test(t, who_is_ahead_of_a_log_of_ones_own_is_lost_at_once);
    tcase_add_test(t, a_log_that_was_put_back_goes_on_from_there);
    tcase_add_test(t, who_takes_a_log_over_goes_on_behind_a_gap_with_all_its_readers);
    tcase_add_test(t, who_takes_over_a_log_that_ended_in_order_goes_on_without_a_gap);
    tcase_add_test(t, what_was_read_of_a_log_that_is_followed_is_in_memory);
    tcase_add_test(t, what_fell_out_of_the_memory_of_a_log_that_is_followed_is_no_hole);
    tcase_add_test(t, what_was_forgotten_where_a_log_is_written_is_not_in_memory_where_it_is_followed);
    tcase_add_test(t, all_threads_append_and_none_s_event_is_lost);
    return s;
}
