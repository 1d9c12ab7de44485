#include "tests/support/unit.h"
#include "tests/unit/bridge/events_bed.h"
#include "tests/unit/bridge/suites.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"

START_TEST(numbers_begin_with_one_and_are_read_in_order)
{
    struct events *e = log_make((struct events_config){0});
    struct event *event;

    ck_assert_int_eq(events_next(e, 0, &event), EVENTS_NONE);
    ck_assert_uint_eq(events_newest(e), 0);
    log_says(e, "{a}");
    log_says(e, "{b}");
    ck_assert_str_eq(log_told(e, 0), "1:{a} 2:{b}");
    ck_assert_str_eq(log_told(e, 1), "2:{b}");
    ck_assert_str_eq(log_told(e, 2), "");
    ck_assert_uint_eq(events_newest(e), 2);
    events_free(e);
}
END_TEST

START_TEST(the_ring_is_bounded_by_number)
{
    struct events *e = log_make((struct events_config){.ring = 3});
    struct event *event;

    for (int i = 0; i < 5; i++)
        log_says(e, "{}");
    ck_assert_int_eq(events_next(e, 0, &event), EVENTS_OLDER);
    ck_assert_int_eq(events_next(e, 1, &event), EVENTS_OLDER);
    ck_assert_str_eq(log_told(e, 2), "3:{} 4:{} 5:{}");
    ck_assert_uint_eq(events_oldest_here(e), 3);
    events_free(e);
}
END_TEST

START_TEST(the_ring_is_bounded_by_bytes)
{
    struct event *sample = event_new(1, &(struct event_words){.account = "", .type = "call", .data = "{}", .len = 2});
    struct events *e = log_make((struct events_config){.ring = 100, .ring_bytes = 2 * event_size(sample)});

    event_drop(sample);
    for (int i = 0; i < 3; i++)
        log_says(e, "{}");
    ck_assert_str_eq(log_told(e, 1), "2:{} 3:{}");
    log_says(e,
             "{\"longer than both of them together, and so alone\":\"                                            \"}");
    ck_assert_uint_eq(events_oldest_here(e), 4);
    events_free(e);
}
END_TEST

START_TEST(an_event_outlives_the_ring_while_it_is_held)
{
    struct events *e = log_make((struct events_config){.ring = 1});
    struct event *event;

    log_says(e, "{a}");
    ck_assert_int_eq(events_next(e, 0, &event), EVENTS_NEXT);
    log_says(e, "{b}");
    events_free(e);
    ck_assert_str_eq(event->text.data, "{a}");
    ck_assert_str_eq(event->text.account, "");
    ck_assert_str_eq(event->text.type, "call");
    event_drop(event);
}
END_TEST

START_TEST(readers_are_woken_until_they_leave)
{
    struct events *e = log_make((struct events_config){0});
    struct events_reader *first, *second;
    int a = 0, b = 0;

    ck_assert_int_eq(events_subscribe(e, log_count_wake, &a, &first), 0);
    ck_assert_int_eq(events_subscribe(e, log_count_wake, &b, &second), 0);
    log_says(e, "{}");
    events_unsubscribe(e, first);
    log_says(e, "{}");
    ck_assert_int_eq(a, 1);
    ck_assert_int_eq(b, 2);
    events_unsubscribe(e, second);
    log_says(e, "{}");
    ck_assert_int_eq(b, 2);
    events_free(e);
}
END_TEST

START_TEST(nothing_is_shown_before_it_is_written)
{
    struct events *e = log_make((struct events_config){.is_written = true, .reserved = 100});
    struct events_reader *reader;
    int wakes = 0;
    uint64_t reserved;

    ck_assert_int_eq(events_subscribe(e, log_count_wake, &wakes, &reader), 0);
    log_says(e, "{a}");
    log_says(e, "{b}");
    ck_assert_str_eq(log_told(e, 0), "");
    ck_assert_str_eq(log_taken(e, &reserved), "1:{a} 2:{b}");
    log_says(e, "{c}");
    ck_assert_str_eq(log_taken(e, NULL), ""); /* one writing at a time */
    ck_assert_int_eq(wakes, 0);
    ck_assert_uint_eq(events_written(e, true), 1);
    ck_assert_int_eq(wakes, 1);
    ck_assert_str_eq(log_told(e, 0), "1:{a} 2:{b}");
    ck_assert_str_eq(log_taken(e, NULL), "3:{c}");
    events_written(e, true);
    ck_assert_str_eq(log_told(e, 0), "1:{a} 2:{b} 3:{c}");
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
    struct events *e = log_make((struct events_config){.is_written = true, .ring = 3, .reserved = 99});

    ck_assert_uint_eq(waiting_after(e, 2), 1);
    ck_assert_uint_eq(waiting_after(e, 2), 2);
    ck_assert_uint_eq(waiting_after(e, LIMIT_EVENT + 1), 2);
    ck_assert_str_ne(log_taken(e, NULL), "");
    ck_assert_uint_eq(waiting_after(e, 2), 0);
    ck_assert_uint_eq(events_written(e, true), 2); /* and the gap */
    ck_assert_uint_eq(waiting_after(e, 2), 3);
    ck_assert_uint_eq(waiting_after(e, 2), 3); /* the ring has no more */
    events_free(e);
    e = log_make((struct events_config){.ring = 3});
    ck_assert_uint_eq(waiting_after(e, 2), 0);
    events_free(e);
}
END_TEST

START_TEST(no_number_is_shown_that_the_disk_does_not_say_is_reserved)
{
    struct events *e = log_make((struct events_config){.is_written = true, .ring = 8, .reserved = 2});
    uint64_t reserved = 0;

    for (int i = 0; i < 3; i++)
        log_says(e, "{a}");
    ck_assert_str_eq(log_taken(e, &reserved), "1:{a} 2:{a} 3:{a}");
    ck_assert_uint_eq(reserved, 3 + LIMIT_EVENTS_RESERVED);
    events_written(e, false);
    ck_assert_str_eq(log_told(e, 0), "1:{a} 2:{a}");
    log_says(e, "{b}");
    ck_assert_str_eq(log_taken(e, NULL), "2:gap 3:{a} 4:{b}");
    events_written(e, false);
    ck_assert_str_eq(log_told(e, 0), "1:{a} 2:{a}");
    log_says(e, "{c}");
    ck_assert_str_eq(log_taken(e, NULL), "2:gap 3:{a} 4:{b} 5:{c}");
    events_written(e, true);
    ck_assert_str_eq(log_told(e, 2), "3:{a} 4:{b} 5:{c}");
    events_free(e);
}
END_TEST

START_TEST(what_could_not_be_shown_is_a_gap_when_it_fell_out)
{
    struct events *e = log_make((struct events_config){.is_written = true, .ring = 2, .reserved = 1});

    for (int i = 0; i < 2; i++)
        log_says(e, "{a}");
    ck_assert_str_eq(log_taken(e, NULL), "1:{a} 2:{a}");
    for (int i = 0; i < 2; i++)
        log_says(e, "{b}");
    events_written(e, false);
    ck_assert_str_eq(log_taken(e, NULL), "2:gap 3:{b} 4:{b}");
    events_written(e, true);
    ck_assert_str_eq(log_told(e, 2), "3:{b} 4:{b}");
    events_free(e);
}
END_TEST

START_TEST(what_a_full_disk_did_not_take_is_shown_and_is_a_gap_on_the_disk)
{
    struct events *e = log_make((struct events_config){.is_written = true, .reserved = 100});

    log_says(e, "{a}");
    log_taken(e, NULL);
    events_written(e, true);
    for (int i = 0; i < 2; i++) {
        log_says(e, "{b}");
        log_taken(e, NULL);
        events_written(e, false);
    }
    ck_assert_str_eq(log_told(e, 0), "1:{a} 2:{b} 3:{b}");
    log_says(e, "{c}");
    ck_assert_str_eq(log_taken(e, NULL), "3:gap 4:{c}");
    events_written(e, true);
    log_says(e, "{d}");
    ck_assert_str_eq(log_taken(e, NULL), "5:{d}");
    events_free(e);
}
END_TEST

START_TEST(what_fell_out_before_it_was_written_is_a_gap_on_the_disk)
{
    struct events *e = log_make((struct events_config){.is_written = true, .ring = 2, .reserved = 100});

    log_says(e, "{a}");
    ck_assert_str_eq(log_taken(e, NULL), "1:{a}");
    for (int i = 0; i < 4; i++)
        log_says(e, "{b}");
    events_written(e, true);
    ck_assert_str_eq(log_taken(e, NULL), "3:gap 4:{b} 5:{b}");
    events_written(e, true);
    ck_assert_str_eq(log_told(e, 3), "4:{b} 5:{b}");
    events_free(e);
}
END_TEST

START_TEST(a_predecessor_that_did_not_end_in_order_leaves_a_gap)
{
    struct events *e =
        log_make((struct events_config){.is_written = true, .newest = 9, .reserved_before = 1000, .reserved = 3000});
    struct event *event;

    ck_assert_uint_eq(events_newest(e), 1000);
    ck_assert_str_eq(log_taken(e, NULL), "1001:gap");
    events_written(e, true);
    ck_assert_str_eq(log_told(e, 1000), "1001:gap(9)");
    ck_assert_uint_eq(events_newest(e), 1001);
    ck_assert_int_eq(events_next(e, 9, &event), EVENTS_OLDER);
    events_free(e);
}
END_TEST

START_TEST(a_predecessor_that_ended_in_order_leaves_none)
{
    struct events *e = log_make((struct events_config){.is_written = true, .newest = 9, .reserved_before = 9});

    log_says(e, "{a}");
    ck_assert_str_eq(log_taken(e, NULL), "10:{a}");
    events_written(e, true);
    ck_assert_str_eq(log_told(e, 9), "10:{a}");
    events_free(e);
}
END_TEST

START_TEST(what_is_lost_or_too_long_is_a_gap_in_its_place)
{
    struct events *e = log_make((struct events_config){.ring = 8});
    char *long_text = calloc(1, LIMIT_EVENT + 2);

    ck_assert_ptr_nonnull(long_text);
    memset(long_text, 'x', LIMIT_EVENT + 1);
    log_says(e, "{a}");
    ck_assert_int_eq(log_say(e, "", long_text), TGC_ELIMIT);
    log_says(e, "{b}");
    events_lose(e, "");
    log_says(e, "{c}");
    ck_assert_str_eq(log_told(e, 0), "1:{a} 2:gap(1) 3:{b} 4:gap(3) 5:{c}");
    free(long_text);
    events_free(e);
}
END_TEST

START_TEST(a_deleted_account_s_events_are_passed_over)
{
    struct events *e = log_make((struct events_config){.is_written = true, .reserved = 100, .ring = 8});

    ck_assert_int_eq(log_say(e, "a", "{a1}"), 0);
    ck_assert_int_eq(log_say(e, "b", "{b1}"), 0);
    ck_assert_int_eq(log_say(e, "a", "{a2}"), 0);
    ck_assert_int_eq(log_say(e, "b", "{b2}"), 0);
    events_forget(e, "a");
    ck_assert_str_eq(log_taken(e, NULL), "2:{b1} 4:{b2}");
    events_written(e, true);
    ck_assert_str_eq(log_told(e, 0), "2:{b1} 4:{b2}");
    events_forget(e, "b");
    ck_assert_str_eq(log_told(e, 0), "");
    ck_assert_int_eq(log_say(e, "c", "{c}"), 0);
    events_forget(e, "c");
    ck_assert_str_eq(log_taken(e, NULL), "");
    ck_assert_uint_eq(events_newest(e), 5);
    events_free(e);
}
END_TEST

enum { THREADS = 4, EACH = 2000 };

static void *append_many(void *ctx)
{
    for (int i = 0; i < EACH; i++)
        if (log_say(ctx, "", "{}") < 0)
            return ctx;
    return NULL;
}

START_TEST(all_threads_append_and_none_s_event_is_lost)
{
    struct events *e = log_make((struct events_config){.ring = THREADS * EACH, .ring_bytes = 64 << 20});
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
    tcase_add_test(t, all_threads_append_and_none_s_event_is_lost);
    return s;
}
