#include "daemon/calendar/title.h"

#include <errno.h>
#include <locale.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "daemon/base/civil.h"
#include "daemon/base/utf8.h"
#include "daemon/calendar/zone.h"

/* Those of glibc's that make one short word of a date; not those that look at the process's zone, nor line breaks. */
static const char fields[] = "aAbBCdDeFgGhHIjklmMpPrRSTuUVwWyYzZ%";
/* The longest that one field makes, far more than "September". */
enum { FIELD_MAX = 64 };
/* Times of calls: earlier and later ones are shown as these years' ends. */
enum { YEAR_MIN = 1, YEAR_MAX = 9998 };

static int64_t within_years(int64_t at)
{
    int64_t low = civil_to_days(YEAR_MIN, 1, 1) * CIVIL_DAY_S, high = civil_to_days(YEAR_MAX + 1, 1, 1) * CIVIL_DAY_S;

    return at < low ? low : at > high ? high : at;
}

/* The bytes of what was meant as a field: one character behind the percent sign, of "%-d" its letter too. */
static size_t field_size(const char *p)
{
    size_t n = 2 + (strchr("-_0^#E", p[1]) && p[2] ? 1 : 0);

    while (((unsigned char)p[n] & 0xc0) == 0x80)
        n++;
    return n;
}

int calendar_title_check(const char *title, struct fault *fault)
{
    size_t len = strlen(title);

    if (!utf8_is_valid(title, len) || utf8_count(title, len) > LIMIT_TITLE_FIELDS)
        return fault_set(fault, TGC_EINVAL, "a title is UTF-8 of at most %d characters", LIMIT_TITLE_FIELDS);
    for (const char *p = strchr(title, '%'); p; p = strchr(p + 2, '%')) {
        if (p[1] == '\0')
            return fault_set(fault, TGC_EINVAL, "a title cannot end in a single %%: write %%%%");
        if (!strchr(fields, p[1]))
            return fault_set(fault, TGC_EINVAL,
                             "there is no field \"%.*s\" in titles: take a letter of %s behind the %%, or write %%%%",
                             (int)field_size(p), p, fields);
    }
    return 0;
}

/* The broken-down time, with its zone, for strftime(). */
static struct tm local_of(const struct zone_span *span, int64_t at)
{
    int64_t local = at + span->offset, days = floor_div(local, CIVIL_DAY_S), second = floor_mod(local, CIVIL_DAY_S);
    struct civil date = civil_of_days(days);

    return (struct tm){
        .tm_sec = (int)(second % 60),
        .tm_min = (int)(second / 60 % 60),
        .tm_hour = (int)(second / 3600),
        .tm_mday = date.day,
        .tm_mon = date.month - 1,
        .tm_year = date.year - 1900,
        .tm_wday = (civil_weekday(days) + 1) % 7,
        .tm_yday = (int)(days - civil_to_days(date.year, 1, 1)),
        .tm_isdst = span->is_dst,
        .tm_gmtoff = span->offset,
        .tm_zone = span->abbreviation,
    };
}

/* Appends N bytes to the *LEN at RET, as many as there is room for. */
static void put(char ret[static CALENDAR_TITLE_SIZE], size_t *len, const char *bytes, size_t n)
{
    size_t room = CALENDAR_TITLE_SIZE - 1 - *len;

    memcpy(ret + *len, bytes, n < room ? n : room);
    *len += n < room ? n : room;
}

/* To the code points that a call's title may have, none of them split. */
static size_t cut(const char *text, size_t len)
{
    len = utf8_cut(text, len);
    while (utf8_count(text, len) > LIMIT_CALL_TITLE)
        len = utf8_cut(text, len - 1);
    return len;
}

int calendar_title(const char *title, const char *zone_name, int64_t at, char ret[static CALENDAR_TITLE_SIZE],
                   struct fault *fault)
{
    struct zone_span span;
    struct zone *zone;
    size_t len = 0;
    int err = calendar_title_check(title, fault);

    if (!err)
        err = zone_open(zone_name, &zone, fault);
    if (err)
        return err == TGC_EDAMAGED ? TGC_EINVAL : err;
    at = within_years(at);
    zone_at(zone, at, &span);
    zone_close(zone);
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c == (locale_t)0)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    struct tm tm = local_of(&span, at);
    for (const char *p = title; *p;) {
        char field[3] = {p[0], p[1]}, text[FIELD_MAX];
        bool is_field = *p == '%';
        size_t n = is_field ? strftime_l(text, sizeof(text), field, &tm, c) : 1;
        put(ret, &len, is_field ? text : p, n);
        p += is_field ? 2 : 1;
    }
    freelocale(c);
    ret[cut(ret, len)] = '\0';
    return 0;
}
