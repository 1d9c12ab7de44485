/* What was left out of a schedule's dates stays left out where it gets others. */
#include <string.h>

#include <check.h>

#include "daemon/base/time_text.h"
#include "daemon/worker/schedule_skip.h"
#include "tests/unit/worker/schedule_suites.h"

static struct schedule_spec of(const char *timezone, const char *rrule)
{
    return (struct schedule_spec){.start = (char *)(uintptr_t) "2026-12-01T20:00:00",
                                  .timezone = (char *)(uintptr_t)timezone,
                                  .rrule = (char *)(uintptr_t)rrule};
}

static int64_t time_of(const char *text)
{
    int64_t ret;

    ck_assert_int_eq(time_rfc3339_parse(text, strlen(text), &ret), 0);
    return ret;
}

#define WEEKLY "FREQ=WEEKLY;BYDAY=TU"

static const struct {
    const char *timezone, *rrule, *skipped_at, *up_to;
} changes[] = {
    {"Europe/Berlin", WEEKLY, "2026-12-01T20:00:00+01:00", "2026-12-01T20:00:00+01:00"},
    {"Europe/Berlin", WEEKLY, "2026-12-08T20:00:00+01:00", "2026-12-08T20:00:00+01:00"},
    /* By the clocks there, and by the clock of all. */
    {"Asia/Tokyo", WEEKLY, "2026-12-08T20:00:00+01:00", "2026-12-08T20:00:00+09:00"},
    {"UTC", "FREQ=WEEKLY;BYDAY=TU;BYHOUR=19", "2026-12-08T20:00:00+01:00", "2026-12-08T19:00:00Z"},
    /* One that was not left out is held, and so are those behind it. */
    {"Europe/Berlin", "FREQ=DAILY", "2026-12-08T20:00:00+01:00", "2026-12-01T20:00:00+01:00"},
    {"Europe/Berlin", "FREQ=WEEKLY;BYDAY=TU;BYHOUR=8,20", "2026-12-08T20:00:00+01:00", "2026-12-01T20:00:00+01:00"},
    {"Europe/Berlin", "FREQ=WEEKLY;BYDAY=TU;BYHOUR=21", "2026-12-01T20:00:00+01:00", NULL},
    /* It is over. */
    {"Europe/Berlin", WEEKLY, "2026-11-24T20:00:00+01:00", NULL},
};

START_TEST(what_was_left_out_stays_so_where_it_is_the_same_date)
{
    struct schedule_spec before = of("Europe/Berlin", WEEKLY), after = of(changes[_i].timezone, changes[_i].rrule);
    int64_t now = time_of("2026-11-30T12:00:00Z");

    int64_t up_to = schedule_skip_up_to(&before, &after, now, time_of(changes[_i].skipped_at));
    ck_assert_int_eq(up_to, changes[_i].up_to ? time_of(changes[_i].up_to) : now);
}
END_TEST

START_TEST(a_single_date_is_meant_to_be_held)
{
    struct schedule_spec before = of("UTC", WEEKLY), after = {.at = time_of("2026-12-01T20:00:00Z")};
    int64_t now = time_of("2026-11-30T12:00:00Z");

    ck_assert_int_eq(schedule_skip_up_to(&before, &after, now, after.at), now);
    ck_assert_int_eq(schedule_skip_up_to(&after, &before, now, after.at), now);
    /* But not the same one. */
    ck_assert_int_eq(schedule_skip_up_to(&after, &after, now, after.at), after.at);
    ck_assert_int_eq(schedule_skip_up_to(&after, &after, now, 0), now);
}
END_TEST

Suite *suite_schedule_skip(void)
{
    Suite *s = suite_create("schedule_skip");
    TCase *t = tcase_create("schedule_skip");

    tcase_add_loop_test(t, what_was_left_out_stays_so_where_it_is_the_same_date, 0,
                        sizeof(changes) / sizeof(changes[0]));
    tcase_add_test(t, a_single_date_is_meant_to_be_held);
    suite_add_tcase(s, t);
    return s;
}
