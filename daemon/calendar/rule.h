/* A recurrence (RFC 5545, 3.3.10) in a named zone of the system's zone database → instants. Pure: no clock, no state;
 * any thread. A rule takes some 5 KB and is made in a fraction of a millisecond: keep its text, and make it when asked.
 *
 * What the RFC leaves open, or where readers of it differ:
 * - The start is an occurrence only where the rule says so: who starts on a Tuesday with BYDAY=MO begins on the Monday
 * after.
 * - Local times are computed first, and each becomes an instant for itself (3.3.5): one that does not exist, as clocks
 * went forward, is read with the offset before the gap (02:30 becomes 03:30); of one that there is twice, the first.
 * Two that come to one instant, as in the day that Samoa left out, are one occurrence.
 * - YEARLY with BYWEEKNO and no day has the start's day of the week. A day counts for the calendar year in which it
 * lies, also where its week is of the year before or after.
 * - There is at most one occurrence a minute, and none after the year CALENDAR_LAST_YEAR; FREQ=SECONDLY is refused. */
#ifndef TGCALLD_CALENDAR_RULE_H
#define TGCALLD_CALENDAR_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/fault.h"
#include "daemon/calendar/years.h"

struct calendar_rule;

/* START: a local date and time, "2026-12-01T20:00:00", or with an offset an instant, which is shown in the zone.
 * TIMEZONE: a name as "Europe/Berlin". RRULE: "FREQ=WEEKLY;BYDAY=MO,WE", with or without "RRULE:". *RET is the
 * caller's, by calendar_rule_free(). TGC_EINVAL, with FAULT's path (/start, /timezone or /rrule) and what to do;
 * TGC_ENOMEM; TGC_EIO: the zone database cannot be read. A rule that has no date at all is refused; whether its last
 * one is over, only calendar_rule_next() knows, as only its caller knows the time. */
int calendar_rule_new(const char *start, const char *timezone, const char *rrule, struct calendar_rule **ret,
                      struct fault *fault) TGC_MUST;
void calendar_rule_free(struct calendar_rule *r);

/* The first occurrence after AFTER (Unix seconds); false: there is none. Takes microseconds, however far into the
 * rule's life AFTER is, and some ten milliseconds at most, where there are no more for centuries. */
bool calendar_rule_next(const struct calendar_rule *r, int64_t after, int64_t *ret);

#endif
