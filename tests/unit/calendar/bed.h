/* What the tests of dates share. */
#ifndef TGCALLD_TESTS_CALENDAR_BED_H
#define TGCALLD_TESTS_CALENDAR_BED_H

#include "daemon/calendar/rule.h"
#include "tests/support/unit.h"

/* RFC 3339 with an offset → Unix seconds, or the test fails. */
int64_t bed_at(const char *text);

/* A rule that is taken, or the test fails. */
struct calendar_rule *bed_rule(const char *start, const char *zone, const char *rrule);

#endif
