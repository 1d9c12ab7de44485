/* What of a schedule's dates was left out, where it gets others. Pure. */
#ifndef TGCALLD_WORKER_SCHEDULE_SKIP_H
#define TGCALLD_WORKER_SCHEDULE_SKIP_H

#include "daemon/worker/schedule_spec.h"

/* BEFORE's dates behind NOW, up to SKIPPED_AT, were left out. Up to where AFTER's first ones are, too: at the same
 * instant, or at the same time by the clocks of their zones. NOW: its first one is none of them. */
int64_t schedule_skip_up_to(const struct schedule_spec *before, const struct schedule_spec *after, int64_t now,
                            int64_t skipped_at);

#endif
