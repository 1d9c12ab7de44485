/* Who follows a rule: from date to date, from anywhere, and anew at any time. */
#include "tests/unit/calendar/bed.h"
#include "tests/unit/calendar/suites.h"

#include <inttypes.h>

/* From wherever one asks, the answer is the same as by going there step by step. */
START_TEST(from_any_moment_the_next_one_is_the_next_one)
{
    struct calendar_rule *r =
        bed_rule("2006-01-31T01:30:00", "America/St_Johns", "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=-1,1");
    int64_t before = 0, next = 0, got;

    for (int i = 0; i < 50; i++, before = next) {
        ck_assert(calendar_rule_next(r, before, &next));
        ck_assert_int_gt(next, before);
        for (int64_t between = before > 0 ? before : next - 1000000; between < next; between += 99991) {
            ck_assert(calendar_rule_next(r, between, &got));
            ck_assert_int_eq(got, next);
        }
        ck_assert(calendar_rule_next(r, next - 1, &got));
        ck_assert_int_eq(got, next);
    }
    calendar_rule_free(r);
}
END_TEST

/* Two years of a dozen rules, as who follows them sees it: a clock that jumps either way, and a rule that is made anew
 * in the middle, since nothing but the last occurrence is kept. */
static const struct {
    const char *zone, *rrule;
} followed[] = {
    {"Europe/Berlin", "FREQ=DAILY"},
    {"Europe/Berlin", "FREQ=HOURLY;INTERVAL=5;BYMINUTE=30"},
    {"America/New_York", "FREQ=WEEKLY;BYDAY=MO,WE,SU"},
    {"America/St_Johns", "FREQ=MONTHLY;BYDAY=-1SU,2FR"},
    {"Australia/Lord_Howe", "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=15,45"},
    {"Africa/Casablanca", "FREQ=DAILY;INTERVAL=2;BYHOUR=2,3"},
    {"Europe/Dublin", "FREQ=MINUTELY;INTERVAL=450"},
    {"Africa/Cairo", "FREQ=DAILY;BYHOUR=0;BYMINUTE=0,30"},
    {"Pacific/Chatham", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU"},
    {"Asia/Kolkata", "FREQ=MONTHLY;BYMONTHDAY=29,30,31"},
    {"America/Santiago", "FREQ=DAILY;COUNT=500"},
    {"UTC", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"},
};
enum { FOLLOWED_MAX = 6000 };

START_TEST(who_begins_anew_at_any_time_sees_each_once)
{
    static int64_t all[FOLLOWED_MAX];
    const char *start = "2026-01-31T02:30:00";
    const int64_t begin = bed_at("2026-01-30T00:00:00Z"), end = bed_at("2028-03-02T00:00:00Z");
    struct calendar_rule *r = bed_rule(start, followed[_i].zone, followed[_i].rrule);
    int64_t next = begin, cursor = begin, now = begin;
    size_t n = 0, seen = 0;
    uint32_t chance = 5545;

    for (; calendar_rule_next(r, next, &next) && next <= end; n++) {
        ck_assert_uint_lt(n, FOLLOWED_MAX);
        all[n] = next;
    }
    ck_assert_uint_gt(n, 20);
    while (now < end) {
        chance = chance * 1664525 + 1013904223;
        /* From half a day back to a day and a half on. */
        now += (int64_t)(chance >> 8) % 172800 - 43200;
        if (chance >> 29 == 0) {
            calendar_rule_free(r);
            r = bed_rule(start, followed[_i].zone, followed[_i].rrule);
        }
        for (; calendar_rule_next(r, cursor, &next) && next <= now && next <= end; cursor = next, seen++)
            ck_assert_msg(seen < n && next == all[seen], "the %zuth is %" PRId64, seen, next);
    }
    ck_assert_uint_eq(seen, n);
    calendar_rule_free(r);
}
END_TEST

START_TEST(at_the_ends_of_time_there_is_an_answer)
{
    struct calendar_rule *r = bed_rule("2026-12-01T20:00:00", "Europe/Berlin", "FREQ=MINUTELY");
    int64_t got = 0;

    ck_assert(calendar_rule_next(r, INT64_MIN, &got));
    ck_assert_int_eq(got, bed_at("2026-12-01T20:00:00+01:00"));
    ck_assert(!calendar_rule_next(r, INT64_MAX, &got));
    ck_assert(!calendar_rule_next(r, bed_at("2399-12-31T23:59:00+01:00"), &got));
    ck_assert(calendar_rule_next(r, bed_at("2399-12-31T23:58:59+01:00"), &got));
    calendar_rule_free(r);
}
END_TEST

Suite *suite_follow(void)
{
    Suite *s = suite_create("follow");
    TCase *t = tcase_create("follow");

    tcase_add_test(t, from_any_moment_the_next_one_is_the_next_one);
    tcase_add_loop_test(t, who_begins_anew_at_any_time_sees_each_once, 0,
                        (int)(sizeof(followed) / sizeof(followed[0])));
    tcase_add_test(t, at_the_ends_of_time_there_is_an_answer);
    suite_add_tcase(s, t);
    return s;
}
