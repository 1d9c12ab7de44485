#include "daemon/calendar/zone_internal.h"

#include <string.h>

#include "daemon/base/civil.h"

/* Offsets lie between -25 and 26 hours (RFC 9636, 3.2). */
enum { OFFSET_MAX_S = 26 * 3600, NEAR_S = 2 * CIVIL_DAY_S };

/* How many changes lie at or before AT. */
static size_t changes_until(const struct zone *z, int64_t at)
{
    size_t low = 0, high = z->n_changes;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (z->changes[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void zone_at(const struct zone *z, int64_t at, struct zone_span *ret)
{
    size_t i = changes_until(z, at);
    int64_t begin = i > 0 ? z->changes[i - 1] : INT64_MIN;

    if (i == z->n_changes && z->has_rule) {
        zone_rule_at(&z->rule, at, ret);
        if (ret->begin < begin)
            ret->begin = begin;
        return;
    }
    const struct zone_type *t = &z->kinds[i > 0 ? z->types[i - 1] : 0];
    *ret = (struct zone_span){
        .begin = begin,
        .end = i < z->n_changes ? z->changes[i] : INT64_MAX,
        .offset = t->offset,
        .is_dst = t->is_dst,
    };
    memcpy(ret->abbreviation, t->abbreviation, sizeof(ret->abbreviation));
}

int64_t zone_instant(const struct zone *z, int64_t local)
{
    struct zone_span span, next;

    zone_at(z, local - OFFSET_MAX_S, &span);
    for (;; span = next) {
        int64_t at = local - span.offset;
        if (at < span.end)
            return at;
        zone_at(z, span.end, &next);
        /* The clocks go forward over it. */
        if (span.end + next.offset > local)
            return at;
    }
}

void zone_offsets(const struct zone *z, int64_t at, int32_t *ret_min, int32_t *ret_max)
{
    struct zone_span span;

    zone_at(z, at - NEAR_S, &span);
    *ret_min = *ret_max = span.offset;
    while (span.end <= at + NEAR_S) {
        zone_at(z, span.end, &span);
        if (span.offset < *ret_min)
            *ret_min = span.offset;
        if (span.offset > *ret_max)
            *ret_max = span.offset;
    }
}
