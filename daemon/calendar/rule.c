#include "daemon/calendar/rule.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/civil.h"
#include "daemon/base/time_text.h"
#include "daemon/calendar/recur.h"
#include "daemon/calendar/zone.h"

/* Clocks are changed by less. */
enum { CHANGE_MAX_S = 2 * CIVIL_DAY_S };

/* Some milliseconds. What is counted is counted each time that a rule is made. */
enum { COUNT_STEPS_MAX = 1000000 };

struct calendar_rule {
    struct recur recur;
    struct zone *zone;
    int64_t last;      /* no local time after this one is an occurrence */
    int64_t until_utc; /* and no instant after this one */
};

/* Looks for the first instant after AFTER. Where the clocks go forward, local times come to instants in another order.
 */
struct search {
    const struct calendar_rule *rule;
    int64_t after;
    bool is_found;
    int64_t found;
    int64_t beyond; /* from this local time on there are only later ones than FOUND */
};

static bool look(void *ctx, int64_t local)
{
    struct search *s = ctx;

    if (local > s->rule->last || (s->is_found && local >= s->beyond))
        return false;
    int64_t at = zone_instant(s->rule->zone, local);
    if (at > s->after && at <= s->rule->until_utc && (!s->is_found || at < s->found)) {
        int32_t min, max;
        zone_offsets(s->rule->zone, at, &min, &max);
        s->is_found = true;
        s->found = at;
        s->beyond = at + max;
    }
    return true;
}

bool calendar_rule_next(const struct calendar_rule *r, int64_t after, int64_t *ret)
{
    int64_t earliest = r->recur.start - CHANGE_MAX_S,
            latest = civil_to_days(CALENDAR_LAST_YEAR + 2, 1, 1) * CIVIL_DAY_S;
    struct search s = {.rule = r, .after = after < earliest ? earliest : after};
    int32_t min, max;

    if (after > latest)
        return false;
    zone_offsets(r->zone, s.after, &min, &max);
    (void)recur_walk(&r->recur, s.after + min + 1, INT64_MAX, look, &s); /* one date is near, or the years end */
    if (s.is_found)
        *ret = s.found;
    return s.is_found;
}

/* The last local time that COUNT allows. */
struct counting {
    int64_t left, last;
};

static bool count_down(void *ctx, int64_t local)
{
    struct counting *c = ctx;

    c->last = local;
    return --c->left > 0;
}

/* False: to count so far takes too long. */
static bool find_end(struct calendar_rule *r)
{
    int32_t min, max;

    r->last = r->until_utc = INT64_MAX;
    if (r->recur.count > 0) {
        struct counting c = {r->recur.count, INT64_MAX};
        if (!recur_walk(&r->recur, r->recur.start, COUNT_STEPS_MAX, count_down, &c))
            return false;
        r->last = c.last;
    } else if (r->recur.until_kind == RECUR_UNTIL_LOCAL) {
        r->last = r->recur.until;
    } else if (r->recur.until_kind == RECUR_UNTIL_UTC) {
        r->until_utc = r->recur.until;
        zone_offsets(r->zone, r->recur.until, &min, &max);
        r->last = r->recur.until + max;
    }
    return true;
}

/* With an offset it is an instant; without one it is read as if it were in UTC, which leaves the local time. */
static int read_start(const char *text, const struct zone *zone, int64_t *ret, struct fault *fault)
{
    char local[32];
    size_t len = strlen(text);
    struct zone_span span;
    int err = time_rfc3339_parse(text, len, ret);

    if (!err) {
        zone_at(zone, *ret, &span);
        *ret += span.offset;
    } else if (len + 1 < sizeof(local)) {
        memcpy(local, text, len);
        local[len] = 'Z';
        err = time_rfc3339_parse(local, len + 1, ret);
    }
    if (err)
        return fault_set(fault, TGC_EINVAL,
                         "the start is a date and time as \"2026-12-01T20:00:00\", with a T and with seconds");
    int year = civil_of_days(floor_div(*ret, CIVIL_DAY_S)).year;
    if (year < CALENDAR_FIRST_YEAR || year > CALENDAR_LAST_YEAR)
        return fault_set(fault, TGC_EINVAL, "the start lies in the years %d to %d", CALENDAR_FIRST_YEAR,
                         CALENDAR_LAST_YEAR);
    return 0;
}

/* FAULT's path says which of the three it was. */
static int at_member(struct fault *fault, const char *name, int err)
{
    if (err == TGC_EINVAL || err == TGC_EDAMAGED || err == TGC_EIO)
        fault_path_member(fault, name);
    return err == TGC_EDAMAGED ? TGC_EINVAL : err;
}

static int fill(struct calendar_rule *r, const char *start, const char *timezone, const char *rrule,
                struct fault *fault)
{
    int64_t local, first;
    int err = zone_open(timezone, &r->zone, fault);

    if (err)
        return at_member(fault, "timezone", err);
    err = read_start(start, r->zone, &local, fault);
    if (err)
        return at_member(fault, "start", err);
    err = recur_parse(rrule, local, &r->recur, fault);
    if (err)
        return at_member(fault, "rrule", err);
    if (!find_end(r))
        return at_member(fault, "rrule",
                         fault_set(fault, TGC_EINVAL,
                                   "COUNT with so many other parts takes too long to reckon: give UNTIL in its place"));
    if (!calendar_rule_next(r, INT64_MIN, &first))
        return at_member(fault, "rrule",
                         fault_set(fault, TGC_EINVAL,
                                   r->recur.until_kind == RECUR_FOREVER
                                       ? "no date is ever like that: change the rule"
                                       : "no date like that lies between the start and UNTIL"));
    return 0;
}

int calendar_rule_new(const char *start, const char *timezone, const char *rrule, struct calendar_rule **ret,
                      struct fault *fault)
{
    struct calendar_rule *r = calloc(1, sizeof(*r));
    int err = TGC_ENOMEM;

    fault_clear(fault);
    if (!r)
        return fault_set(fault, err, "out of memory");
    err = fill(r, start, timezone, rrule, fault);
    if (err) {
        calendar_rule_free(r);
        return err;
    }
    *ret = r;
    return 0;
}

void calendar_rule_free(struct calendar_rule *r)
{
    if (!r)
        return;
    zone_close(r->zone);
    free(r);
}
