/* Days and dates of the proleptic Gregorian calendar: arithmetic alone, no locale, no time zone. */
#ifndef TGCALLD_BASE_CIVIL_H
#define TGCALLD_BASE_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

enum { CIVIL_DAY_S = 86400 };

struct civil {
    int year, month, day; /* month 1..12, day 1..31 */
};

bool civil_is_leap(int year);
/* MONTH 1..12. */
int civil_days_in(int year, int month);

/* Days since 1970-01-01 of a date that exists, and back. Years from -9999 to 9999. */
int64_t civil_to_days(int year, int month, int day);
struct civil civil_of_days(int64_t days);

/* 0 is Monday. */
int civil_weekday(int64_t days);

/* A / B and A mod B for B > 0, rounded down: the day of a second before 1970 is the day it lies in. */
static inline int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static inline int64_t floor_mod(int64_t a, int64_t b)
{
    return a - floor_div(a, b) * b;
}

#endif
