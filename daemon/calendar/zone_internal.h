/* What a TZif file says. */
#ifndef TGCALLD_CALENDAR_ZONE_INTERNAL_H
#define TGCALLD_CALENDAR_ZONE_INTERNAL_H

#include <stddef.h>

#include "daemon/calendar/zone.h"
#include "daemon/calendar/zone_rule.h"

struct zone_type {
    int32_t offset;
    bool is_dst;
    char abbreviation[ZONE_ABBREVIATION_MAX + 1];
};

struct zone {
    size_t n_changes;
    int64_t *changes; /* Unix seconds, ascending; NULL where there are none */
    uint8_t *types;   /* what begins with each */
    size_t n_kinds;   /* 1..256; the first holds before all changes */
    struct zone_type *kinds;
    bool has_rule; /* for what comes after the last change */
    struct zone_rule rule;
};

/* The bytes of a TZif file → Z, which is all zero; zone_close() frees what it holds then, also on failure.
 * TGC_EDAMAGED, TGC_ENOMEM. */
int zone_parse(const void *data, size_t len, struct zone *z, struct fault *fault) TGC_MUST;

#endif
