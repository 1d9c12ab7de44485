/* The event log from one process to the next: made of what the store has, and ended so that the next one goes on
 * without a gap. */
#ifndef TGCALLD_EVENTS_KEPT_H
#define TGCALLD_EVENTS_KEPT_H

#include "daemon/bridge/events.h"
#include "daemon/store/store.h"

int events_kept_open(const struct store *store, struct events **ret) TGC_MUST;
/* When nobody appends any more, and before the store closes. NULLs are fine. */
void events_kept_close(struct store *store, struct events *events);

#endif
