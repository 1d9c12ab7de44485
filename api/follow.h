/* Reading on in the event log from where a reader is. */
#ifndef TGCALLD_API_FOLLOW_H
#define TGCALLD_API_FOLLOW_H

#include "daemon/base/clock.h"
#include "daemon/base/err.h"
#include "daemon/bridge/events.h"
#include "daemon/bridge/job.h"

/* AFTER is of no event of this log: the database was put back to an older state, or the number was made up. *RET is the
 * gap to go on with, held for the caller, where it is so, else NULL; it may not be known yet: LOOK as for
 * events_is_lost(). TGC_ENOMEM. */
int follow_gap(struct events *e, const struct clock_source *clock, uint64_t after, uint64_t *look,
               struct event **ret) TGC_MUST;

/* The job that asks for what is on the disk after AFTER, at most LIMIT events, by DEADLINE_US. NULL where memory is
 * gone. */
struct job *follow_older(uint64_t after, size_t limit, int64_t deadline_us);

#endif
