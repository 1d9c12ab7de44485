/* A zone of the system's zone database: instants ↔ local times. It reads the TZif files themselves (RFC 9636, versions
 * 1 to 4, with the rule in their footer for all later years): the C library's zone is the process's, one for all
 * threads. Any thread; a zone is read only.
 *
 * A local time is counted like an instant: seconds since 1970-01-01T00:00:00, all days with 86,400. */
#ifndef TGCALLD_CALENDAR_ZONE_H
#define TGCALLD_CALENDAR_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/fault.h"
#include "daemon/calendar/zone_span.h"

struct zone;

/* NAME as "Europe/Berlin", below TZDIR or /usr/share/zoneinfo; "UTC" is there without either. TGC_EINVAL: no such zone,
 * or no name of one; TGC_EIO: the database is not there; TGC_EDAMAGED: a file that is none; TGC_ENOMEM. */
int zone_open(const char *name, struct zone **ret, struct fault *fault) TGC_MUST;
void zone_close(struct zone *z);

void zone_at(const struct zone *z, int64_t at, struct zone_span *ret);

/* The instant of a local time: the first, where there are two; where there is none, as if the clocks had not gone
 * forward yet (RFC 5545, 3.3.5). */
int64_t zone_instant(const struct zone *z, int64_t local);

/* The smallest and the largest offset within two days of AT. */
void zone_offsets(const struct zone *z, int64_t at, int32_t *ret_min, int32_t *ret_max);

#endif
