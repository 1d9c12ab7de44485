/* A recurrence rule (RFC 5545, 3.3.10) on local times: its text → sets of numbers → its occurrences, a period (year,
 * month, week or day) at a time. Values without memory of their own, no zone, no clock; any thread. A local time counts
 * seconds since 1970-01-01T00:00:00, all days with 86,400. rule.h says what is taken, and how it is understood. */
#ifndef TGCALLD_CALENDAR_RECUR_H
#define TGCALLD_CALENDAR_RECUR_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/fault.h"

enum recur_frequency {
    RECUR_MINUTELY,
    RECUR_HOURLY,
    RECUR_DAILY,
    RECUR_WEEKLY,
    RECUR_MONTHLY,
    RECUR_YEARLY,
};

enum { RECUR_NUMBER_MAX = 366, RECUR_SET_WORDS = RECUR_NUMBER_MAX / 64 + 1 };

/* Numbers from -366 to 366. */
struct recur_set {
    bool is_given; /* the rule has this part */
    uint64_t above[RECUR_SET_WORDS], below[RECUR_SET_WORDS];
};

struct recur {
    enum recur_frequency frequency;
    int64_t start;
    int64_t interval;
    int week_start; /* 0 is Monday, here and below */
    int second;
    struct recur_set month, week, day_of_year, day_of_month, hour, minute, position;
    uint8_t weekdays;                 /* BYDAY without numbers: a bit for each */
    struct recur_set nth_weekdays[7]; /* BYDAY with numbers, by weekday */
    bool has_nth_weekday;
    int64_t count; /* 0: the rule does not count */
    enum recur_until { RECUR_FOREVER, RECUR_UNTIL_LOCAL, RECUR_UNTIL_UTC } until_kind;
    int64_t until; /* the last second that may be one, local or Unix; not looked at here */
};

bool recur_has(const struct recur_set *s, int number);

/* TEXT, with or without "RRULE:"; what it leaves open comes from START, a local time between CALENDAR_FIRST_YEAR and
 * CALENDAR_LAST_YEAR. TGC_EINVAL, with what to do. */
int recur_parse(const char *text, int64_t start, struct recur *ret, struct fault *fault) TGC_MUST;

/* Calls EACH for the occurrences at FROM or later, and not before the start, in their order, until it returns false, or
 * to the end of CALENDAR_LAST_YEAR. The rule's COUNT and UNTIL are the caller's. False: it was not at the end after
 * some STEPS_MAX looks at days and times, each of a few nanoseconds. */
bool recur_walk(const struct recur *r, int64_t from, int64_t steps_max, bool (*each)(void *ctx, int64_t local),
                void *ctx);

#endif
