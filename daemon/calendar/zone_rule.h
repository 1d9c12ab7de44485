/* The rule in a TZif file's footer (RFC 9636, 3.3.1): POSIX's TZ string, as "CET-1CEST,M3.5.0,M10.5.0/3", with hours
 * from -167 to 167. No state; any thread. */
#ifndef TGCALLD_CALENDAR_ZONE_RULE_H
#define TGCALLD_CALENDAR_ZONE_RULE_H

#include <stddef.h>

#include "daemon/base/err.h"
#include "daemon/calendar/zone_span.h"

/* A day of each year, and a time on it. */
struct zone_day {
    enum zone_day_kind {
        ZONE_DAY_JULIAN,   /* 1..365, 29 February never counts */
        ZONE_DAY_OF_YEAR,  /* 0..365, it counts */
        ZONE_DAY_OF_MONTH, /* the WEEK-th WEEKDAY of MONTH; the 5th is the last */
    } kind;
    int day, month, week, weekday; /* 0 is Sunday */
    int32_t time;                  /* seconds after its midnight, of either sign */
};

struct zone_rule {
    bool has_dst;
    struct zone_span standard, dst; /* begin and end mean nothing */
    struct zone_day dst_begins, dst_ends;
};

/* TGC_EDAMAGED. */
int zone_rule_parse(const char *text, size_t len, struct zone_rule *ret) TGC_MUST;

/* What holds at AT. */
void zone_rule_at(const struct zone_rule *r, int64_t at, struct zone_span *ret);

#endif
