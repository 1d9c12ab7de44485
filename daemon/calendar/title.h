/* A title with fields, as strftime() has them, filled in for an instant in a zone: "Practice %d %B". Always in the C
 * locale, whatever the process's. No state; any thread. */
#ifndef TGCALLD_CALENDAR_TITLE_H
#define TGCALLD_CALENDAR_TITLE_H

#include <stdint.h>

#include "daemon/base/fault.h"
#include "daemon/base/limits.h"

/* A title of LIMIT_CALL_TITLE code points, with its NUL. */
enum { CALENDAR_TITLE_SIZE = 4 * LIMIT_CALL_TITLE + 1 };

/* Whether TITLE can be filled in: UTF-8 of at most LIMIT_TITLE_FIELDS code points, and after each '%' one of the
 * letters of aAbBCdDeFgGhHIjklmMpPrRSTuUVwWyYzZ or another '%'. TGC_EINVAL, with what to do; FAULT's path is left as
 * it is. */
int calendar_title_check(const char *title, struct fault *fault) TGC_MUST;

/* TITLE filled in for AT (Unix seconds) in the zone ZONE_NAME; what is longer than LIMIT_CALL_TITLE code points is cut
 * there. TGC_EINVAL: as above, or no such zone; TGC_EIO, TGC_ENOMEM. */
int calendar_title(const char *title, const char *zone_name, int64_t at, char ret[static CALENDAR_TITLE_SIZE],
                   struct fault *fault) TGC_MUST;

#endif
