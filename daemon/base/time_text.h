/* Times as text. */
#ifndef TGCALLD_BASE_TIME_TEXT_H
#define TGCALLD_BASE_TIME_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"

/* RFC 3339 with an offset ("2026-01-31T12:00:00Z", "…+02:00", fractions cut off) → Unix seconds. A leap second counts
 * as the second before. TGC_EINVAL for anything else, a date that does not exist included. No locale, no time zone. */
int time_rfc3339_parse(const char *text, size_t len, int64_t *ret_unix) TGC_MUST;

/* A duration "10s", "500ms", "5m", "2h", "30 s" (a bare number is seconds) → microseconds. TGC_EINVAL. */
int time_duration_parse(const char *text, int64_t *ret_us) TGC_MUST;

#endif
