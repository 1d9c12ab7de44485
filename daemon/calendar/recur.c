#include "daemon/calendar/recur.h"

#include "daemon/base/civil.h"
#include "daemon/calendar/years.h"

enum { MINUTES_A_DAY = 1440 };

/* One walk over a rule. */
struct walking {
    const struct recur *r;
    int64_t from;
    bool (*each)(void *ctx, int64_t local);
    void *ctx;
    int64_t steps_left; /* looks at days and times */
    int times;          /* of a day, by its hours and minutes */
};

/* The number of a day's week as ISO 8601 has it, but for the day on which weeks begin; counted from the end too. */
static bool has_week(const struct recur *r, int64_t day)
{
    /* A week is of the year in which its fourth day lies. */
    int64_t fourth = day - floor_mod(civil_weekday(day) - r->week_start, 7) + 3;
    int year = civil_of_days(fourth).year;
    int64_t first = civil_to_days(year, 1, 1), last = civil_to_days(year, 12, 31);
    int number = (int)(fourth - first) / 7 + 1;
    int weeks = (int)(last - floor_mod(last - fourth, 7) - first) / 7 + 1;

    return recur_has(&r->week, number) || recur_has(&r->week, number - weeks - 1);
}

static bool has_nth(const struct recur *r, int weekday, int place, int places)
{
    return recur_has(&r->nth_weekdays[weekday], (place - 1) / 7 + 1) ||
           recur_has(&r->nth_weekdays[weekday], -((places - place) / 7 + 1));
}

static bool has_day(const struct recur *r, int64_t day)
{
    struct civil date = civil_of_days(day);
    int in_month = civil_days_in(date.year, date.month);
    int in_year = civil_is_leap(date.year) ? 366 : 365;
    int of_year = (int)(day - civil_to_days(date.year, 1, 1)) + 1;
    int weekday = civil_weekday(day);

    if (r->month.is_given && !recur_has(&r->month, date.month))
        return false;
    if (r->day_of_month.is_given && !recur_has(&r->day_of_month, date.day) &&
        !recur_has(&r->day_of_month, date.day - in_month - 1))
        return false;
    if (r->day_of_year.is_given && !recur_has(&r->day_of_year, of_year) &&
        !recur_has(&r->day_of_year, of_year - in_year - 1))
        return false;
    if (r->week.is_given && !has_week(r, day))
        return false;
    if ((!r->weekdays && !r->has_nth_weekday) || r->weekdays >> weekday & 1)
        return true;
    if (!r->has_nth_weekday)
        return false;
    return r->frequency == RECUR_MONTHLY || r->month.is_given ? has_nth(r, weekday, date.day, in_month)
                                                              : has_nth(r, weekday, of_year, in_year);
}

/* Periods have numbers; these are in use: */
struct period {
    int64_t first; /* days since 1970 */
    int days;
};

static int64_t period_at(const struct recur *r, int64_t day)
{
    struct civil date = civil_of_days(day);

    switch (r->frequency) {
    case RECUR_YEARLY:
        return date.year;
    case RECUR_MONTHLY:
        return (int64_t)date.year * 12 + date.month - 1;
    case RECUR_WEEKLY:
        /* Day 0 was a Thursday. */
        return floor_div(day + 3 - r->week_start, 7);
    default:
        return day;
    }
}

static struct period period_of(const struct recur *r, int64_t number)
{
    int year = (int)(r->frequency == RECUR_MONTHLY ? number / 12 : number), month = (int)(number % 12) + 1;

    switch (r->frequency) {
    case RECUR_YEARLY:
        return (struct period){civil_to_days(year, 1, 1), civil_is_leap(year) ? 366 : 365};
    case RECUR_MONTHLY:
        return (struct period){civil_to_days(year, month, 1), civil_days_in(year, month)};
    case RECUR_WEEKLY:
        return (struct period){number * 7 - 3 + r->week_start, 7};
    default:
        return (struct period){number, 1};
    }
}

/* Where a period has PLACES occurrences, whether the PLACE-th of them (from 1) is one of the rule's. */
static bool has_place(const struct recur *r, int place, int places)
{
    return !r->position.is_given || recur_has(&r->position, place) || recur_has(&r->position, place - places - 1);
}

/* Whether a number from FIRST to LAST has its bit. */
static bool has_one_of(const uint64_t *words, int first, int last)
{
    first = first < 0 ? 0 : first;
    last = last > RECUR_NUMBER_MAX ? RECUR_NUMBER_MAX : last;
    for (int word = first / 64; first <= last; first = ++word * 64) {
        int end = last < word * 64 + 63 ? last : word * 64 + 63;
        if (words[word] >> first % 64 << first % 64 << (63 - end % 64))
            return true;
    }
    return false;
}

/* Whether one of the places from FIRST to LAST is the rule's. */
static bool has_places(const struct recur *r, int first, int last, int places)
{
    return !r->position.is_given || has_one_of(r->position.above, first, last) ||
           has_one_of(r->position.below, places + 1 - last, places + 1 - first);
}

static bool tell(const struct walking *w, int64_t day, int minute)
{
    int64_t local = day * CIVIL_DAY_S + minute * 60 + w->r->second;

    return local < w->from || w->each(w->ctx, local);
}

/* Of hours, or of minutes. */
static int count(const struct recur_set *s)
{
    return __builtin_popcountll(s->above[0]);
}

/* All times of a day in a period whose days are known: DAYS of them, this is the PLACE-th, from 0. */
static bool tell_day(struct walking *w, int64_t day, int place, int days)
{
    const struct recur *r = w->r;
    int i = place * w->times;

    if (!has_places(r, i + 1, i + w->times, days * w->times))
        return true;
    w->steps_left -= w->times;
    for (uint64_t hours = r->hour.above[0]; hours; hours &= hours - 1)
        for (uint64_t minutes = r->minute.above[0]; minutes; minutes &= minutes - 1)
            if (has_place(r, ++i, days * w->times) &&
                !tell(w, day, __builtin_ctzll(hours) * 60 + __builtin_ctzll(minutes)))
                return false;
    return true;
}

static bool tell_period(struct walking *w, struct period p)
{
    int64_t days[366], from_day = floor_div(w->from, CIVIL_DAY_S);
    int n = 0;

    w->steps_left -= p.days;
    for (int i = 0; i < p.days; i++)
        /* What lies before counts for the places alone. */
        if ((w->r->position.is_given || p.first + i >= from_day) && has_day(w->r, p.first + i))
            days[n++] = p.first + i;
    for (int i = 0; i < n; i++)
        if (days[i] >= from_day && !tell_day(w, days[i], i, n))
            return false;
    return true;
}

/* The first of a day's units (hours, or minutes) that the interval comes to, counted from the start's. */
static int first_unit(const struct recur *r, int64_t day, int units_a_day)
{
    int64_t start = floor_div(r->start, CIVIL_DAY_S / units_a_day);
    int64_t first = floor_mod(start - day * units_a_day, r->interval);

    return first < units_a_day ? (int)first : units_a_day;
}

static bool tell_hours(struct walking *w, int64_t day)
{
    const struct recur *r = w->r;
    int minutes = count(&r->minute);

    for (int64_t hour = first_unit(r, day, 24); hour < 24; hour += r->interval) {
        int place = 0;
        w->steps_left--;
        if (r->hour.is_given && !recur_has(&r->hour, (int)hour))
            continue;
        w->steps_left -= 60;
        for (int minute = 0; minute < 60; minute++)
            if (recur_has(&r->minute, minute) && has_place(r, ++place, minutes) &&
                !tell(w, day, (int)hour * 60 + minute))
                return false;
    }
    return true;
}

static bool has_minute(const struct recur *r, int64_t minute)
{
    return (!r->hour.is_given || recur_has(&r->hour, (int)minute / 60)) &&
           (!r->minute.is_given || recur_has(&r->minute, (int)minute % 60));
}

static bool tell_minutes(struct walking *w, int64_t day)
{
    const struct recur *r = w->r;

    w->steps_left -= MINUTES_A_DAY / r->interval;
    for (int64_t minute = first_unit(r, day, MINUTES_A_DAY); minute < MINUTES_A_DAY; minute += r->interval)
        if (has_minute(r, minute) && has_place(r, 1, 1) && !tell(w, day, (int)minute))
            return false;
    return true;
}

/* Whether the interval ever comes to a minute of a day that the rule has: after so many steps it comes to the same
 * again. */
static bool meets_a_minute(const struct recur *r)
{
    int64_t minute = floor_mod(r->start, CIVIL_DAY_S) / 60;

    for (int i = 0; i < MINUTES_A_DAY; i++, minute = (minute + r->interval) % MINUTES_A_DAY)
        if (has_minute(r, minute))
            return true;
    return false;
}

/* The same of hours, where they are the interval's. */
static bool meets_an_hour(const struct recur *r)
{
    int64_t hour = floor_mod(r->start, CIVIL_DAY_S) / 3600;

    for (int i = 0; i < 24; i++, hour = (hour + r->interval) % 24)
        if (!r->hour.is_given || recur_has(&r->hour, (int)hour))
            return true;
    return false;
}

/* Whether short periods, which have as many occurrences each, have one at a place of the rule's. */
static bool meets_a_place(const struct recur *r)
{
    int places = r->frequency == RECUR_MINUTELY ? 1 : count(&r->minute);

    if (r->frequency == RECUR_DAILY)
        places *= count(&r->hour);
    for (int place = 1; place <= places; place++)
        if (has_place(r, place, places))
            return true;
    return false;
}

/* Of a rule without dates, each minute of centuries would be looked at else. */
static bool may_have_dates(const struct recur *r)
{
    if (r->frequency > RECUR_DAILY)
        return true;
    return meets_a_place(r) && (r->frequency != RECUR_MINUTELY || meets_a_minute(r)) &&
           (r->frequency != RECUR_HOURLY || meets_an_hour(r));
}

bool recur_walk(const struct recur *r, int64_t from, int64_t steps_max, bool (*each)(void *ctx, int64_t local),
                void *ctx)
{
    struct walking w = {.r = r,
                        .from = from > r->start ? from : r->start,
                        .each = each,
                        .ctx = ctx,
                        .steps_left = steps_max,
                        .times = count(&r->hour) * count(&r->minute)};
    int64_t end = civil_to_days(CALENDAR_LAST_YEAR + 1, 1, 1), step = r->frequency <= RECUR_HOURLY ? 1 : r->interval;
    int64_t first = period_at(r, floor_div(r->start, CIVIL_DAY_S));
    int64_t number = first + floor_div(period_at(r, floor_div(w.from, CIVIL_DAY_S)) - first, step) * step;
    bool goes_on = may_have_dates(r);

    for (; goes_on; number += step) {
        struct period p = period_of(r, number);
        if (p.first >= end)
            return true;
        if (--w.steps_left < 0)
            return false;
        if (r->frequency > RECUR_HOURLY)
            goes_on = tell_period(&w, p);
        else if (has_day(r, p.first))
            goes_on = r->frequency == RECUR_HOURLY ? tell_hours(&w, p.first) : tell_minutes(&w, p.first);
    }
    return true;
}
