/* A log that several processes write: what happened here, on its way there. */
#include "tests/support/unit.h"
#include "tests/unit/bridge/events_bed.h"
#include "tests/unit/bridge/suites.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"

static struct events *e;

static void make(size_t ring, size_t ring_bytes)
{
    e = log_make((struct events_config){.is_shared = true, .ring = ring, .ring_bytes = ring_bytes});
}

static void tear_down(void)
{
    events_free(e);
}

static void says(const char *account, const char *data)
{
    ck_assert_int_eq(log_say(e, account, data), 0);
}

/* What is to be written is WANT. */
static void expect(const char *want)
{
    ck_assert_str_eq(log_taken(e, NULL), want);
}

START_TEST(what_happened_is_handed_out_in_its_order_and_shown_by_a_look_alone)
{
    make(8, 0);
    ck_assert(events_are_written(e));
    says("a", "{1}");
    says("b", "{2}");
    ck_assert(!events_are_written(e));
    ck_assert_uint_eq(events_newest(e), 0);
    expect("0:{1} 0:{2}");
    /* One at a time. */
    says("a", "{3}");
    expect("");
    ck_assert_uint_eq(events_written(e, true), 1);
    ck_assert_uint_eq(events_newest(e), 0);
    ck_assert_str_eq(log_told(e, 0), "");
    expect("0:{3}");
    ck_assert_uint_eq(events_written(e, true), 0);
    ck_assert(events_are_written(e));
}
END_TEST

START_TEST(what_could_not_be_written_is_handed_out_again_before_what_came_later)
{
    make(8, 0);
    says("a", "{1}");
    expect("0:{1}");
    says("a", "{2}");
    ck_assert_uint_eq(events_written(e, false), 2);
    ck_assert(!events_are_written(e));
    expect("0:{1} 0:{2}");
    events_written(e, true);
    expect("");
}
END_TEST

START_TEST(no_more_than_asked_for_is_handed_out_and_the_rest_waits)
{
    struct event *list[2];
    uint64_t reserved;

    make(8, 0);
    for (int i = 0; i < 5; i++)
        says("a", "{}");
    for (size_t left = 5; left > 0; left -= left < 2 ? left : 2) {
        size_t n = events_to_write(e, 2, list, &reserved);
        ck_assert_uint_eq(n, left < 2 ? left : 2);
        while (n)
            event_drop(list[--n]);
        ck_assert_uint_eq(events_written(e, true), left < 2 ? 0 : left - 2);
    }
}
END_TEST

START_TEST(where_too_much_waits_the_oldest_is_lost_and_a_gap_stands_there)
{
    make(4, 0);
    for (int i = 1; i <= 6; i++)
        says("a", (char[]){'{', (char)('0' + i), '}', '\0'});
    expect("0:gap 0:{3} 0:{4} 0:{5} 0:{6}");
    /* Those stay until it is known whether they are written. */
    says("a", "{7}");
    says("a", "{8}");
    events_written(e, false);
    expect("0:gap 0:{4} 0:{5} 0:{6} 0:gap");
    events_written(e, true);
    expect("");
}
END_TEST

START_TEST(a_gap_is_told_once_it_can_be)
{
    make(4, 0);
    events_lose(e, "a");
    says("a", "{1}");
    expect("0:gap 0:{1}");
    events_written(e, true);
    char *text = malloc(LIMIT_EVENT + 2);
    memset(text, '1', LIMIT_EVENT + 1);
    text[LIMIT_EVENT + 1] = '\0';
    ck_assert_int_eq(log_say(e, "a", text), TGC_ELIMIT);
    free(text);
    ck_assert(!events_are_written(e));
    says("a", "{2}");
    expect("0:gap 0:{2}");
    events_written(e, true);
    ck_assert(events_are_written(e));
}
END_TEST

START_TEST(what_waits_has_a_bound_in_bytes)
{
    char data[1000];

    memset(data, '1', sizeof(data) - 1);
    data[sizeof(data) - 1] = '\0';
    make(100, 4000);
    for (int i = 0; i < 50; i++)
        says("a", data);
    struct event *list[100];
    uint64_t reserved;
    size_t n = events_to_write(e, 100, list, &reserved), bytes = 0;
    ck_assert_str_eq(list[0]->text.type, "gap");
    for (size_t i = 1; i < n; i++)
        bytes += event_size(list[i]);
    ck_assert_uint_le(bytes, 4000);
    ck_assert_uint_gt(bytes, 2000);
    while (n)
        event_drop(list[--n]);
    events_written(e, true);
}
END_TEST

START_TEST(what_was_of_an_account_that_goes_is_not_written)
{
    make(8, 0);
    says("a", "{1}");
    says("b", "{2}");
    says("a", "{3}");
    events_forget(e, "a");
    says("a", "{4}"); /* one of that name that is made anew */
    expect("0:{2} 0:{4}");
    /* Also where it is being written, and that comes to nothing. */
    events_forget(e, "b");
    events_written(e, false);
    expect("0:{4}");
    events_written(e, true);
    ck_assert(events_are_written(e));
}
END_TEST

START_TEST(it_is_known_when_what_was_said_until_then_is_written)
{
    make(8, 0);
    ck_assert(events_have_settled(e, events_mark(e)));
    says("a", "{1}");
    says("a", "{2}");
    uint64_t mark = events_mark(e);
    ck_assert(!events_have_settled(e, mark));
    expect("0:{1} 0:{2}");
    says("b", "{3}");
    ck_assert(!events_have_settled(e, mark));
    events_written(e, true);
    ck_assert(events_have_settled(e, mark));
    mark = events_mark(e);
    expect("0:{3}");
    /* Who waits for it does not wait for the disk to come back. */
    events_written(e, false);
    ck_assert(events_have_settled(e, mark));
    expect("0:{3}");
    events_forget(e, "b");
    events_written(e, true);
    ck_assert(events_have_settled(e, mark));
}
END_TEST

Suite *suite_events_out(void)
{
    Suite *s = suite_create("events_out");
    TCase *t = tcase_create("events_out");

    tcase_add_checked_fixture(t, NULL, tear_down);
    tcase_add_test(t, what_happened_is_handed_out_in_its_order_and_shown_by_a_look_alone);
    tcase_add_test(t, what_could_not_be_written_is_handed_out_again_before_what_came_later);
    tcase_add_test(t, no_more_than_asked_for_is_handed_out_and_the_rest_waits);
    tcase_add_test(t, where_too_much_waits_the_oldest_is_lost_and_a_gap_stands_there);
    tcase_add_test(t, a_gap_is_told_once_it_can_be);
    tcase_add_test(t, what_waits_has_a_bound_in_bytes);
    tcase_add_test(t, what_was_of_an_account_that_goes_is_not_written);
    tcase_add_test(t, it_is_known_when_what_was_said_until_then_is_written);
    suite_add_tcase(s, t);
    return s;
}
