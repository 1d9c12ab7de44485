#include "daemon/calendar/zone_rule.h"

#include <string.h>

#include "daemon/base/civil.h"

enum { HOUR_S = 3600, HOURS_MAX = 167, OFFSET_HOURS_MAX = 24 };

struct footer {
    const char *p, *end;
    bool bad;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool take_if(struct footer *c, char wanted)
{
    if (c->bad || c->p == c->end || *c->p != wanted)
        return false;
    c->p++;
    return true;
}

static void take(struct footer *c, char wanted)
{
    if (!take_if(c, wanted))
        c->bad = true;
}

static int take_number(struct footer *c, int low, int high)
{
    int v = 0, digits = 0;

    for (; c->p < c->end && is_digit(*c->p) && digits < 4; c->p++, digits++)
        v = v * 10 + (*c->p - '0');
    if (digits == 0 || v < low || v > high)
        c->bad = true;
    return c->bad ? low : v;
}

/* [+-]hh[:mm[:ss]], in seconds. */
static int32_t take_time(struct footer *c, int hours_max)
{
    bool is_negative = take_if(c, '-');

    if (!is_negative)
        take_if(c, '+');
    int32_t v = take_number(c, 0, hours_max) * HOUR_S;
    if (take_if(c, ':')) {
        v += take_number(c, 0, 59) * 60;
        if (take_if(c, ':'))
            v += take_number(c, 0, 59);
    }
    return is_negative ? -v : v;
}

/* Letters, or within <> digits and signs too. */
static void take_abbreviation(struct footer *c, char ret[static ZONE_ABBREVIATION_MAX + 1])
{
    bool is_quoted = take_if(c, '<');
    size_t len = 0;

    for (; c->p < c->end && len < ZONE_ABBREVIATION_MAX; c->p++) {
        if (!is_letter(*c->p) && !(is_quoted && (is_digit(*c->p) || *c->p == '+' || *c->p == '-')))
            break;
        ret[len++] = *c->p;
    }
    ret[len] = '\0';
    if (len < 3)
        c->bad = true;
    if (is_quoted)
        take(c, '>');
}

static void take_day(struct footer *c, struct zone_day *ret)
{
    take(c, ',');
    if (take_if(c, 'M')) {
        ret->kind = ZONE_DAY_OF_MONTH;
        ret->month = take_number(c, 1, 12);
        take(c, '.');
        ret->week = take_number(c, 1, 5);
        take(c, '.');
        ret->weekday = take_number(c, 0, 6);
    } else if (take_if(c, 'J')) {
        ret->kind = ZONE_DAY_JULIAN;
        ret->day = take_number(c, 1, 365);
    } else {
        ret->kind = ZONE_DAY_OF_YEAR;
        ret->day = take_number(c, 0, 365);
    }
    ret->time = take_if(c, '/') ? take_time(c, HOURS_MAX) : 2 * HOUR_S;
}

int zone_rule_parse(const char *text, size_t len, struct zone_rule *ret)
{
    struct footer c = {text, text + len, false};
    struct zone_rule r = {0};

    take_abbreviation(&c, r.standard.abbreviation);
    /* POSIX counts west of Greenwich. */
    r.standard.offset = -take_time(&c, OFFSET_HOURS_MAX);
    if (!c.bad && c.p < c.end) {
        r.has_dst = r.dst.is_dst = true;
        take_abbreviation(&c, r.dst.abbreviation);
        r.dst.offset = r.standard.offset + HOUR_S;
        if (c.p < c.end && *c.p != ',')
            r.dst.offset = -take_time(&c, OFFSET_HOURS_MAX);
        take_day(&c, &r.dst_begins);
        take_day(&c, &r.dst_ends);
    }
    if (c.bad || c.p != c.end)
        return TGC_EDAMAGED;
    *ret = r;
    return 0;
}

/* The local time that D means in YEAR. */
static int64_t local_of(const struct zone_day *d, int year)
{
    int64_t first = civil_to_days(year, 1, 1), day;

    if (d->kind == ZONE_DAY_OF_YEAR) {
        day = first + d->day;
    } else if (d->kind == ZONE_DAY_JULIAN) {
        day = first + d->day - 1 + (d->day > 59 && civil_is_leap(year));
    } else {
        int64_t month = civil_to_days(year, d->month, 1);
        /* Monday is 0 there, Sunday here. */
        int64_t in_month = floor_mod(d->weekday - 1 - civil_weekday(month), 7) + (d->week - 1) * 7;
        day = month + in_month - (in_month >= civil_days_in(year, d->month) ? 7 : 0);
    }
    return day * CIVIL_DAY_S + d->time;
}

/* The changes of three years in their order. One that is undone at once is none: so zones say that daylight saving
 * never ends ("EST5EDT,0/0,J365/25"). */
struct change {
    int64_t at;
    bool to_dst;
};
enum { CHANGES_MAX = 6 };

static void put_change(struct change *changes, int *n, struct change c)
{
    int i = *n;

    for (; i > 0 && (changes[i - 1].at > c.at || (changes[i - 1].at == c.at && changes[i - 1].to_dst && !c.to_dst));
         i--)
        changes[i] = changes[i - 1];
    changes[i] = c;
    (*n)++;
}

void zone_rule_at(const struct zone_rule *r, int64_t at, struct zone_span *ret)
{
    struct change changes[CHANGES_MAX];
    int n = 0, i = 0;
    int64_t day = floor_div(at, CIVIL_DAY_S);
    /* The dates of years that no calendar of ours has stay as those of the last one are. */
    int64_t last = civil_to_days(9000, 1, 1);
    int year = civil_of_days(day > last ? last : day < -last ? -last : day).year;

    *ret = r->standard;
    ret->begin = INT64_MIN;
    ret->end = INT64_MAX;
    if (!r->has_dst)
        return;
    for (int y = year - 1; y <= year + 1; y++) {
        put_change(changes, &n, (struct change){local_of(&r->dst_begins, y) - r->standard.offset, true});
        put_change(changes, &n, (struct change){local_of(&r->dst_ends, y) - r->dst.offset, false});
    }
    while (i < n && changes[i].at <= at)
        i++;
    bool in_dst = i > 0 ? changes[i - 1].to_dst : !changes[0].to_dst;
    *ret = in_dst ? r->dst : r->standard;
    ret->begin = i > 0 ? changes[i - 1].at : INT64_MIN;
    /* Not what is undone at once. */
    while (i + 1 < n && changes[i].at == changes[i + 1].at)
        i += 2;
    ret->end = i < n ? changes[i].at : INT64_MAX;
}
