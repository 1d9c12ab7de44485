/* A log that several processes write: what is shown of it. */
#include "tests/support/unit.h"
#include "tests/unit/bridge/events_bed.h"
#include "tests/unit/bridge/suites.h"

#include <stdio.h>
#include <string.h>

START_TEST(a_log_that_is_followed_is_on_the_disk_up_to_its_newest)
{
    struct events *e = log_make((struct events_config){.is_shared = true});
    struct events_reader *reader;
    struct event *event;
    int wakes = 0;

    ck_assert_int_eq(events_subscribe(e, log_count_wake, &wakes, &reader), 0);
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

START_TEST(who_is_ahead_of_a_log_that_is_followed_is_lost_when_a_look_that_began_later_says_so)
{
    struct events *e = log_make((struct events_config){.is_shared = true});
    struct events_reader *reader;
    uint64_t look = 0, newest;
    int wakes = 0;

    events_follow(e, 7);
    ck_assert_int_eq(events_subscribe(e, log_count_wake, &wakes, &reader), 0);
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
    struct events *e = log_make((struct events_config){.is_shared = true});
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
    struct events *e = log_make((struct events_config){0});
    uint64_t look = 0, newest;

    log_says(e, "{a}");
    ck_assert(!events_is_lost(e, 1, &look, &newest));
    ck_assert(events_is_lost(e, 2, &look, &newest));
    ck_assert_uint_eq(newest, 1);
    events_free(e);
}
END_TEST

/* Another node may have read it in the database before it is heard here that it is written. */
START_TEST(who_was_told_of_an_event_that_is_being_written_here_is_not_lost)
{
    struct events *e = log_make((struct events_config){.reserved = 100, .is_written = true});
    struct events_reader *reader;
    uint64_t look = 0, newest, reserved;
    struct event *list[8];
    int wakes = 0;

    ck_assert_int_eq(events_subscribe(e, log_count_wake, &wakes, &reader), 0);
    log_says(e, "{a}");
    log_says(e, "{b}");
    size_t n = events_to_write(e, 8, list, &reserved);
    ck_assert_uint_eq(n, 2);
    ck_assert(!events_is_lost(e, 2, &look, &newest));
    ck_assert(!events_is_lost(e, 2, &look, &newest));
    look = 0;
    ck_assert(events_is_lost(e, 3, &look, &newest));
    ck_assert_uint_eq(newest, 0);
    events_written(e, true);
    ck_assert_int_eq(wakes, 1);
    look = 0;
    ck_assert(!events_is_lost(e, 2, &look, &newest));
    while (n)
        event_drop(list[--n]);
    events_unsubscribe(e, reader);
    events_free(e);
}
END_TEST

START_TEST(a_log_that_was_put_back_goes_on_from_there)
{
    struct events *e = log_make((struct events_config){.is_shared = true});
    struct events_reader *reader;
    struct event *event;
    uint64_t look = 0, newest;
    int wakes = 0;

    events_follow(e, 100);
    ck_assert_int_eq(events_subscribe(e, log_count_wake, &wakes, &reader), 0);
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
    struct events *e = log_make((struct events_config){.is_shared = true, .ring = 8});
    struct event *event;
    uint64_t after, end;

    events_follow(e, 7);
    events_follow_with(e, 9, (struct event *[]){numbered(8), numbered(9)}, 2);
    ck_assert_int_eq(events_next(e, 6, &event), EVENTS_OLDER);
    ck_assert_str_eq(log_told(e, 7), "8:8 9:9");
    ck_assert_uint_eq(events_oldest_here(e), 8);
    /* Ten and twelve are of none. */
    events_follow_with(e, 12, (struct event *[]){numbered(11)}, 1);
    events_follow(e, 12);
    ck_assert_str_eq(log_told(e, 7), "8:8 9:9 11:11");
    events_follow_with(e, 18, (struct event *[]){numbered(13), numbered(14), numbered(18)}, 3);
    ck_assert_int_eq(events_next(e, 9, &event), EVENTS_OLDER);
    ck_assert_str_eq(log_told(e, 10), "11:11 13:13 14:14 18:18");
    ck_assert(!events_hole(e, &after, &end));
    /* More than it can hold. */
    events_follow_with(e, 40, (struct event *[]){numbered(40)}, 1);
    ck_assert_int_eq(events_next(e, 39, &event), EVENTS_OLDER);
    ck_assert_int_eq(events_next(e, 40, &event), EVENTS_NONE);
    events_follow_with(e, 41, (struct event *[]){numbered(41)}, 1);
    ck_assert_str_eq(log_told(e, 40), "41:41");
    events_free(e);
}
END_TEST

START_TEST(what_fell_out_of_the_memory_of_a_log_that_is_followed_is_no_hole)
{
    struct event *sample = numbered(1);
    struct events *e =
        log_make((struct events_config){.is_shared = true, .ring = 8, .ring_bytes = 2 * event_size(sample)});
    uint64_t after, end;

    event_drop(sample);
    events_follow(e, 0);
    events_follow_with(e, 4, (struct event *[]){numbered(1), numbered(2), numbered(3), numbered(4)}, 4);
    ck_assert_str_eq(log_told(e, 2), "3:3 4:4");
    ck_assert(!events_hole(e, &after, &end));
    events_free(e);
}
END_TEST

START_TEST(what_was_forgotten_where_a_log_is_written_is_not_in_memory_where_it_is_followed)
{
    struct events *e = log_make((struct events_config){.is_shared = true, .ring = 8});
    struct event *event;

    events_follow(e, 7);
    events_follow_with(e, 9, (struct event *[]){numbered(8), numbered(9)}, 2);
    events_follow_anew(e);
    ck_assert_uint_eq(events_newest(e), 9);
    ck_assert_int_eq(events_next(e, 7, &event), EVENTS_OLDER);
    events_follow_with(e, 10, (struct event *[]){numbered(10)}, 1);
    ck_assert_str_eq(log_told(e, 9), "10:10");
    /* Put back, with more that was read. */
    events_follow_with(e, 9, NULL, 0);
    ck_assert_int_eq(events_next(e, 8, &event), EVENTS_OLDER);
    ck_assert_int_eq(events_next(e, 10, &event), EVENTS_AHEAD);
    events_free(e);
}
END_TEST

Suite *suite_events_followed(void)
{
    Suite *s = suite_create("events_followed");
    TCase *t = tcase_create("events_followed");

    tcase_add_test(t, a_log_that_is_followed_is_on_the_disk_up_to_its_newest);
    tcase_add_test(t, who_is_ahead_of_a_log_that_is_followed_is_lost_when_a_look_that_began_later_says_so);
    tcase_add_test(t, who_was_told_of_an_event_earlier_elsewhere_is_not_lost);
    tcase_add_test(t, who_is_ahead_of_a_log_of_ones_own_is_lost_at_once);
    tcase_add_test(t, who_was_told_of_an_event_that_is_being_written_here_is_not_lost);
    tcase_add_test(t, a_log_that_was_put_back_goes_on_from_there);
    tcase_add_test(t, what_was_read_of_a_log_that_is_followed_is_in_memory);
    tcase_add_test(t, what_fell_out_of_the_memory_of_a_log_that_is_followed_is_no_hole);
    tcase_add_test(t, what_was_forgotten_where_a_log_is_written_is_not_in_memory_where_it_is_followed);
    suite_add_tcase(s, t);
    return s;
}
