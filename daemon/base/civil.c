#include "daemon/base/civil.h"

/* Whole cycles after which leap years come again. */
enum { CYCLE_YEARS = 400, CYCLE_DAYS = 146097 };
/* From 0000-03-01 to 1970-01-01: years start in March here, so the leap day is their last. */
enum { MARCH_TO_EPOCH = 719468 };

bool civil_is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int civil_days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && civil_is_leap(year) ? 29 : days[month - 1];
}

int64_t civil_to_days(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t m = month <= 2 ? month + 9 : month - 3;
    int64_t day_of_year = (153 * m + 2) / 5 + day - 1;
    int64_t cycles = floor_div(y, CYCLE_YEARS);
    int64_t year_of_cycle = y - cycles * CYCLE_YEARS;

    return cycles * CYCLE_DAYS + year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year -
           MARCH_TO_EPOCH;
}

struct civil civil_of_days(int64_t days)
{
    int64_t since = days + MARCH_TO_EPOCH;
    int64_t cycles = floor_div(since, CYCLE_DAYS);
    int64_t n = since - cycles * CYCLE_DAYS;
    /* Without the leap days before it, each year has 365: one is taken out every 4 years, put back every 100, and the
     * last day of the cycle is a leap day again. */
    int64_t year_of_cycle = (n - n / 1460 + n / 36524 - n / 146096) / 365;
    int64_t day_of_year = n - (year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100);
    int64_t m = (5 * day_of_year + 2) / 153;
    struct civil c;

    c.day = (int)(day_of_year - (153 * m + 2) / 5 + 1);
    c.month = (int)(m < 10 ? m + 3 : m - 9);
    c.year = (int)(cycles * CYCLE_YEARS + year_of_cycle + (c.month <= 2));
    return c;
}

int civil_weekday(int64_t days)
{
    return (int)floor_mod(days + 3, 7);
}
