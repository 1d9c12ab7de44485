/* Reading on in the event log from where a reader is: what is not there any more comes as an event too, a gap. */
#ifndef TGCALLD_API_FOLLOW_H
#define TGCALLD_API_FOLLOW_H

#include "daemon/base/clock.h"
#include "daemon/bridge/events.h"

/* AFTER is of no event of this log: the database was put back to an older state, or the number was made up. *RET is the
 * gap to begin with, held for the caller, where it is so, else NULL. TGC_ENOMEM. */
int follow_begin(struct events *e, const struct clock_source *clock, uint64_t after, struct event **ret) TGC_MUST;

/* The next after AFTER: an event or a gap. EVENTS_NONE: there is none, or no memory for one now. */
enum events_found follow_next(struct events *e, const struct clock_source *clock, uint64_t after, struct event **ret);

#endif
