/* What a rule comes to: the examples of RFC 5545 (3.8.5.3), what it leaves open, and what is refused. */
#include "tests/unit/calendar/bed.h"
#include "tests/unit/calendar/suites.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The next after *AFTER is WANTED (NULL: there is none). */
static void expect_next(const struct calendar_rule *r, int64_t *after, const char *wanted)
{
    int64_t got = 0;
    bool is_there = calendar_rule_next(r, *after, &got);

    ck_assert_msg(is_there == (wanted != NULL), "%s after %" PRId64, is_there ? "there is one" : "there is none",
                  *after);
    if (wanted)
        ck_assert_msg(got == bed_at(wanted), "%" PRId64 ", and not %s", got, wanted);
    *after = got;
}

/* "1997-09 2,3 09:00,12:00 EDT": each day with each time. */
static void expect_dates(const struct calendar_rule *r, int64_t *after, const char *text)
{
    char month[8], days[128], times[256], zone[4], wanted[48];

    ck_assert_int_eq(sscanf(text, "%7s %127s %255s %3s", month, days, times, zone), 4);
    const char *offset = strcmp(zone, "EDT") == 0 ? "-04:00" : "-05:00";
    for (const char *day = days; day; day = strchr(day, ',') ? strchr(day, ',') + 1 : NULL)
        for (const char *time = times; time; time = strchr(time, ',') ? strchr(time, ',') + 1 : NULL) {
            snprintf(wanted, sizeof(wanted), "%s-%02ldT%.5s:00%s", month, strtol(day, NULL, 10), time, offset);
            expect_next(r, after, wanted);
        }
}

enum { EXAMPLES = 42 };

START_TEST(an_example_of_the_rfc_comes_to_its_dates)
{
    json_t *all = unit_load_json("calendar/rfc5545.json"), *date;
    const json_t *example = json_array_get(all, (size_t)_i);
    int64_t after = 0;
    size_t i;

    ck_assert_uint_eq(json_array_size(all), EXAMPLES);
    struct calendar_rule *r =
        bed_rule(unit_json_text(example, "start"), "America/New_York", unit_json_text(example, "rrule"));
    json_array_foreach (json_object_get(example, "dates"), i, date)
        expect_dates(r, &after, json_string_value(date));
    if (json_is_true(json_object_get(example, "ends")))
        expect_next(r, &after, NULL);
    calendar_rule_free(r);
    json_decref(all);
}
END_TEST

struct steps {
    const char *start, *zone, *rrule, *dates[6];
    bool ends;
};

static const struct steps known[] = {
    /* The clocks go forward over it, and it is an hour later. */
    {"2026-03-28T02:30:00",
     "Europe/Berlin",
     "FREQ=DAILY",
     {"2026-03-28T02:30:00+01:00", "2026-03-29T03:30:00+02:00", "2026-03-30T02:30:00+02:00"},
     false},
    /* What comes to the same instant is one, and what comes in another order is put in order. */
    {"2026-03-29T01:30:00",
     "Europe/Berlin",
     "FREQ=HOURLY",
     {"2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00", "2026-03-29T04:30:00+02:00"},
     false},
    {"2026-03-29T02:00:00",
     "Europe/Berlin",
     "FREQ=DAILY;BYHOUR=2,3;BYMINUTE=15,45;COUNT=4",
     {"2026-03-29T03:15:00+02:00", "2026-03-29T03:45:00+02:00"},
     true},
    {"2026-03-29T02:45:00",
     "Europe/Berlin",
     "FREQ=MINUTELY;INTERVAL=30;COUNT=3",
     {"2026-03-29T03:15:00+02:00", "2026-03-29T03:45:00+02:00"},
     true},
    /* Of the hour that there is twice, the first. */
    {"2026-10-25T01:30:00",
     "Europe/Berlin",
     "FREQ=HOURLY;COUNT=3",
     {"2026-10-25T01:30:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T03:30:00+01:00"},
     true},
    /* Samoa had no 30 December. */
    {"2011-12-29T10:00:00",
     "Pacific/Apia",
     "FREQ=DAILY;COUNT=4",
     {"2011-12-29T10:00:00-10:00", "2011-12-31T10:00:00+14:00", "2012-01-01T10:00:00+14:00"},
     true},
    /* Half an hour of daylight saving; a negative one; changes at no whole hour. */
    {"2026-10-03T02:15:00",
     "Australia/Lord_Howe",
     "FREQ=DAILY",
     {"2026-10-03T02:15:00+10:30", "2026-10-04T02:45:00+11:00", "2026-10-05T02:15:00+11:00"},
     false},
    {"2026-10-25T01:30:00",
     "Europe/Dublin",
     "FREQ=HOURLY",
     {"2026-10-25T01:30:00+01:00", "2026-10-25T02:30:00Z"},
     false},
    {"2018-05-04T23:30:00",
     "Asia/Pyongyang",
     "FREQ=MINUTELY;INTERVAL=15",
     {"2018-05-05T00:00:00+09:00", "2018-05-05T00:15:00+09:00", "2018-05-05T00:30:00+09:00"},
     false},
    /* Long after the last change that the file lists, by its footer. */
    {"2026-03-29T02:30:00",
     "Europe/Berlin",
     "FREQ=YEARLY;INTERVAL=300;BYMONTH=7;BYMONTHDAY=1",
     {"2026-07-01T02:30:00+02:00", "2326-07-01T02:30:00+02:00"},
     true},
    /* Leap days. */
    {"2096-02-29T12:00:00", "UTC", "FREQ=YEARLY", {"2096-02-29T12:00:00Z", "2104-02-29T12:00:00Z"}, false},
    {"2024-02-29T12:00:00",
     "UTC",
     "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1",
     {"2024-02-29T12:00:00Z", "2025-02-28T12:00:00Z", "2026-02-28T12:00:00Z"},
     false},
    /* The start is none where the rule does not say so, and its seconds are every occurrence's. */
    {"2026-12-01T20:00:30",
     "UTC",
     "rrule:freq=weekly;byday=mo",
     {"2026-12-07T20:00:30Z", "2026-12-14T20:00:30Z"},
     false},
    {"2026-12-01T20:00:30", "UTC", "FREQ=DAILY;BYSECOND=5", {"2026-12-02T20:00:05Z"}, false},
    /* A start with an offset is an instant. */
    {"2026-12-01T20:00:00Z", "Asia/Kolkata", "FREQ=DAILY;COUNT=1", {"2026-12-02T01:30:00+05:30"}, true},
    /* UNTIL counts, locally and in UTC. */
    {"2026-12-01T20:00:00",
     "America/New_York",
     "FREQ=DAILY;UNTIL=20261202T200000",
     {"2026-12-01T20:00:00-05:00", "2026-12-02T20:00:00-05:00"},
     true},
    {"2026-12-01T20:00:00",
     "America/New_York",
     "FREQ=DAILY;UNTIL=20261203T005959Z",
     {"2026-12-01T20:00:00-05:00"},
     true},
    /* Either of both; by the year's weeks with the start's day; places among days and times. */
    {"2026-12-01T20:00:00",
     "UTC",
     "FREQ=MONTHLY;BYDAY=1TU,FR",
     {"2026-12-01T20:00:00Z", "2026-12-04T20:00:00Z", "2026-12-11T20:00:00Z"},
     false},
    {"2026-12-01T20:00:00",
     "UTC",
     "FREQ=YEARLY;BYWEEKNO=1,-1",
     {"2026-12-29T20:00:00Z", "2027-01-05T20:00:00Z", "2027-12-28T20:00:00Z", "2028-01-04T20:00:00Z"},
     false},
    {"2026-12-01T00:00:00",
     "UTC",
     "FREQ=MONTHLY;BYDAY=MO;BYHOUR=9,17;BYSETPOS=2,-2",
     {"2026-12-07T17:00:00Z", "2026-12-28T09:00:00Z", "2027-01-04T17:00:00Z", "2027-01-25T09:00:00Z"},
     false},
    {"2026-12-01T00:00:00",
     "UTC",
     "FREQ=HOURLY;INTERVAL=5;BYMINUTE=10,20,30;BYSETPOS=-1",
     {"2026-12-01T00:30:00Z", "2026-12-01T05:30:00Z"},
     false},
    /* An interval that meets the rule's hour but seldom. */
    {"2026-12-01T00:00:00", "UTC", "FREQ=MINUTELY;INTERVAL=1441;BYHOUR=1;BYMINUTE=2", {"2027-02-01T01:02:00Z"}, false},
};

START_TEST(what_the_rfc_says_in_words_or_leaves_open_comes_to_these_dates)
{
    const struct steps *s = &known[_i];
    struct calendar_rule *r = bed_rule(s->start, s->zone, s->rrule);
    int64_t after = INT64_MIN;

    for (size_t i = 0; i < 6 && s->dates[i]; i++)
        expect_next(r, &after, s->dates[i]);
    if (s->ends)
        expect_next(r, &after, NULL);
    calendar_rule_free(r);
}
END_TEST

static const struct refusal {
    const char *start, *zone, *rrule, *path, *says;
} refused[] = {
    {"2026-12-01", "UTC", "FREQ=DAILY", "/start", "2026-12-01T20:00:00"},
    {"2026-02-30T20:00:00", "UTC", "FREQ=DAILY", "/start", "2026-12-01T20:00:00"},
    {"1969-12-31T23:59:59", "UTC", "FREQ=DAILY", "/start", "1970"},
    {"2400-01-01T00:00:00", "UTC", "FREQ=DAILY", "/start", "2399"},
    {"2026-12-01T20:00:00", "Europe/Atlantis", "FREQ=DAILY", "/timezone", "Europe/Berlin"},
    {"2026-12-01T20:00:00", "", "FREQ=DAILY", "/timezone", "Europe/Berlin"},
    {"2026-12-01T20:00:00", "UTC", "", "/rrule", "FREQ=WEEKLY"},
    {"2026-12-01T20:00:00", "UTC", "INTERVAL=2", "/rrule", "FREQ is missing"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;", "/rrule", "parts"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;BYDAYS=MO", "/rrule", "parts"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;BYEASTER=0", "/rrule", "parts"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;FREQ=DAILY", "/rrule", "twice"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=SECONDLY", "/rrule", "MINUTELY"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=OFTEN", "/rrule", "WEEKLY"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;BYSECOND=1,2", "/rrule", "occurrence a minute"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;BYSECOND=60", "/rrule", "0 to 59"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;INTERVAL=0", "/rrule", "INTERVAL is a number"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;INTERVAL=99999999999999999999", "/rrule", "INTERVAL is a number"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;COUNT=0", "/rrule", "COUNT is a number"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;COUNT=-1", "/rrule", "COUNT is a number"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;COUNT=2;UNTIL=20270101T000000Z", "/rrule", "not both"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;UNTIL=20270101", "/rrule", "with its time"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;UNTIL=20270230T000000Z", "/rrule", "with its time"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;UNTIL=20261201T195959", "/rrule", "between the start and UNTIL"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;BYMONTH=13", "/rrule", "from 1 to 12"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;BYMONTH=-1", "/rrule", "from 1 to 12"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=MONTHLY;BYMONTHDAY=0", "/rrule", "from the end"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=MONTHLY;BYMONTHDAY=1,", "/rrule", "commas"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=MONTHLY;BYMONTHDAY=1x", "/rrule", "commas"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=MONTHLY;BYDAY=0MO", "/rrule", "MO,WE"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=MONTHLY;BYDAY=54MO", "/rrule", "MO,WE"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=MONTHLY;BYDAY=XX", "/rrule", "MO,WE"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=WEEKLY;BYDAY=1MO", "/rrule", "MONTHLY and YEARLY"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "/rrule", "BYWEEKNO"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=MONTHLY;BYWEEKNO=1", "/rrule", "YEARLY"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=WEEKLY;BYMONTHDAY=1", "/rrule", "WEEKLY"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;BYYEARDAY=1", "/rrule", "YEARLY"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;BYSETPOS=1", "/rrule", "BYSETPOS"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=WEEKLY;WKST=1", "/rrule", "WKST"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "/rrule", "no date is ever like that"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=MINUTELY;INTERVAL=2;BYMINUTE=1", "/rrule", "no date is ever like that"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=HOURLY;INTERVAL=24;BYHOUR=1", "/rrule", "no date is ever like that"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=WEEKLY;BYDAYS=MO", "/rrule", "\"BYDAYS\" is none"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=WEEKLY;EXDATE=20261224T200000", "/rrule", "EXDATE is no part of a rule"},
    {"2026-12-01T20:00", "UTC", "FREQ=WEEKLY", "/start", "with seconds"},
    {"2026-12-01 20:00:00", "UTC", "FREQ=WEEKLY", "/start", "with a T"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=HOURLY;INTERVAL=4;BYHOUR=22;COUNT=27", "/rrule", "no date is ever like that"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=MINUTELY;BYHOUR=1;BYSETPOS=2,-2", "/rrule", "no date is ever like that"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=HOURLY;BYMINUTE=1,2;BYSETPOS=3", "/rrule", "no date is ever like that"},
    {"2026-12-01T20:00:00", "UTC", "FREQ=DAILY;BYHOUR=1,2;BYSETPOS=3", "/rrule", "no date is ever like that"},
};

START_TEST(what_is_no_rule_is_refused_with_where_and_what_to_do)
{
    const struct refusal *c = &refused[_i];
    struct calendar_rule *r = NULL;
    struct fault fault;

    ck_assert_int_eq(calendar_rule_new(c->start, c->zone, c->rrule, &r, &fault), TGC_EINVAL);
    ck_assert_ptr_null(r);
    ck_assert_str_eq(fault.path, c->path);
    ck_assert_msg(strstr(fault.text, c->says) != NULL, "\"%s\" has no \"%s\"", fault.text, c->says);
    ck_assert_int_eq(calendar_rule_new(c->start, c->zone, c->rrule, &r, NULL), TGC_EINVAL);
}
END_TEST

START_TEST(a_rule_of_more_than_its_bytes_is_refused)
{
    char text[2048] = "FREQ=DAILY;BYHOUR=1";
    struct calendar_rule *r;
    struct fault fault;

    while (strlen(text) < 1100)
        strcat(text, ",1");
    ck_assert_int_eq(calendar_rule_new("2026-12-01T20:00:00", "UTC", text, &r, &fault), TGC_EINVAL);
    ck_assert_str_eq(fault.path, "/rrule");
}
END_TEST

/* Every minute of some period, of which one is taken. */
#define EACH_MINUTE                                                                                                    \
    "BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYMINUTE=0,1,2,3,4,5,6,7,8,9,10,11,12,13,"   \
    "14,"                                                                                                              \
    "15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,"  \
    "52,"                                                                                                              \
    "53,54,55,56,57,58,59"

START_TEST(what_takes_long_to_count_is_refused)
{
    struct calendar_rule *r;
    struct fault fault;

    ck_assert_int_eq(calendar_rule_new("2026-01-01T00:00:00", "UTC",
                                       "FREQ=DAILY;COUNT=10000;" EACH_MINUTE ";BYSETPOS=366", &r, &fault),
                     TGC_EINVAL);
    ck_assert_str_eq(fault.path, "/rrule");
    ck_assert_ptr_nonnull(strstr(fault.text, "too long"));
}
END_TEST

START_TEST(a_place_in_a_long_period_is_found)
{
    struct calendar_rule *r;
    struct fault fault;
    int64_t at;

    ck_assert_int_eq(calendar_rule_new("2026-01-01T00:00:00", "UTC",
                                       "FREQ=YEARLY;COUNT=300;BYDAY=MO,TU,WE,TH,FR,SA,SU;" EACH_MINUTE
                                       ";BYSETPOS=366,-1",
                                       &r, &fault),
                     0);
    ck_assert(calendar_rule_next(r, 0, &at));
    ck_assert_int_eq(at, 1767225600 + 365 * 60);
    ck_assert(calendar_rule_next(r, at, &at));
    ck_assert_int_eq(at, 1798761600 - 60);
    ck_assert(calendar_rule_next(r, at, &at));
    ck_assert_int_eq(at, 1798761600 + 365 * 60);
    calendar_rule_free(r);
}
END_TEST

#define N(array) (int)(sizeof(array) / sizeof((array)[0]))

Suite *suite_rule(void)
{
    Suite *s = suite_create("rule");
    TCase *t = tcase_create("rule");

    tcase_add_loop_test(t, an_example_of_the_rfc_comes_to_its_dates, 0, EXAMPLES);
    tcase_add_loop_test(t, what_the_rfc_says_in_words_or_leaves_open_comes_to_these_dates, 0, N(known));
    tcase_add_loop_test(t, what_is_no_rule_is_refused_with_where_and_what_to_do, 0, N(refused));
    tcase_add_test(t, a_rule_of_more_than_its_bytes_is_refused);
    tcase_add_test(t, what_takes_long_to_count_is_refused);
    tcase_add_test(t, a_place_in_a_long_period_is_found);
    suite_add_tcase(s, t);
    return s;
}
