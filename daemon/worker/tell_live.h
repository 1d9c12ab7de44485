/* What becomes of a chat that is kept live, as an event. The worker's thread. */
#ifndef TGCALLD_WORKER_TELL_LIVE_H
#define TGCALLD_WORKER_TELL_LIVE_H

#include "daemon/worker/live_rule.h"
#include "daemon/worker/tell_events.h"

struct live_wish;

/* WHAT: "made", "changed", "recreated" or "ended", which is of the wish. */
void tell_live(struct tell_events *t, const struct live_wish *w, const char *what, enum live_state previous);

#endif
