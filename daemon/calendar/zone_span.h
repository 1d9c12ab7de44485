/* What holds in a zone from one change of its clocks to the next. */
#ifndef TGCALLD_CALENDAR_ZONE_SPAN_H
#define TGCALLD_CALENDAR_ZONE_SPAN_H

#include <stdbool.h>
#include <stdint.h>

enum { ZONE_ABBREVIATION_MAX = 15 };

struct zone_span {
    int64_t begin, end; /* Unix seconds; INT64_MIN and INT64_MAX where there is no change */
    int32_t offset;     /* seconds east of UTC */
    bool is_dst;
    char abbreviation[ZONE_ABBREVIATION_MAX + 1];
};

#endif
