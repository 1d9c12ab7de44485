#include "daemon/base/time_text.h"

#include <stdbool.h>
#include <string.h>

#include "daemon/base/civil.h"
#include "daemon/base/clock.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

struct cursor {
    const char *p, *end;
    bool bad;
};

/* Exactly N digits, judged against [LOW, HIGH]. */
static int take_number(struct cursor *c, int n, int low, int high)
{
    int v = 0;

    for (int i = 0; i < n; i++, c->p++) {
        if (c->bad || c->p == c->end || !is_digit(*c->p)) {
            c->bad = true;
            return 0;
        }
        v = v * 10 + (*c->p - '0');
    }
    if (v < low || v > high)
        c->bad = true;
    return v;
}

static char take_char(struct cursor *c, const char *allowed)
{
    if (c->bad || c->p == c->end || *c->p == '\0' || !strchr(allowed, *c->p)) {
        c->bad = true;
        return '\0';
    }
    return *c->p++;
}

static void skip_fraction(struct cursor *c)
{
    if (c->bad || c->p == c->end || *c->p != '.')
        return;
    c->p++;
    take_number(c, 1, 0, 9);
    while (c->p < c->end && is_digit(*c->p))
        c->p++;
}

static int take_offset_s(struct cursor *c)
{
    char sign = take_char(c, "Zz+-");

    if (sign == 'Z' || sign == 'z')
        return 0;
    int hours = take_number(c, 2, 0, 23);
    take_char(c, ":");
    int seconds = hours * 3600 + take_number(c, 2, 0, 59) * 60;
    return sign == '-' ? -seconds : seconds;
}

int time_rfc3339_parse(const char *text, size_t len, int64_t *ret_unix)
{
    struct cursor c = {text, text + len, false};
    int year = take_number(&c, 4, 0, 9999);

    take_char(&c, "-");
    int month = take_number(&c, 2, 1, 12);
    take_char(&c, "-");
    int day = take_number(&c, 2, 1, 31);
    take_char(&c, "Tt");
    int hour = take_number(&c, 2, 0, 23);
    take_char(&c, ":");
    int minute = take_number(&c, 2, 0, 59);
    take_char(&c, ":");
    int second = take_number(&c, 2, 0, 60);
    skip_fraction(&c);
    int offset = take_offset_s(&c);
    if (c.bad || c.p != c.end || day > civil_days_in(year, month))
        return TGC_EINVAL;

    int64_t at = civil_to_days(year, month, day) * CIVIL_DAY_S + hour * 3600 + minute * 60 - offset;
    if (second == 60) {
        /* Leap seconds end a UTC day and nothing else. */
        if (floor_mod(at, CIVIL_DAY_S) != CIVIL_DAY_S - 60)
            return TGC_EINVAL;
        second = 59;
    }
    *ret_unix = at + second;
    return 0;
}

int time_duration_parse(const char *text, int64_t *ret_us)
{
    static const struct {
        const char *name;
        int64_t us;
    } units[] = {{"", SECOND_US}, {"s", SECOND_US}, {"ms", 1000}, {"m", 60 * SECOND_US}, {"h", 3600 * SECOND_US}};
    const char *p = text;
    int64_t v = 0;

    if (!is_digit(*p))
        return TGC_EINVAL;
    for (; is_digit(*p); p++)
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *p - '0', &v))
            return TGC_EINVAL;
    while (*p == ' ')
        p++;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(p, units[i].name) != 0)
            continue;
        if (__builtin_mul_overflow(v, units[i].us, &v))
            return TGC_EINVAL;
        *ret_us = v;
        return 0;
    }
    return TGC_EINVAL;
}
