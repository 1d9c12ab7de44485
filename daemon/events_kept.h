/* The event log from one process to the next: made of what the store has, and ended so that the next one goes on
 * without a gap. */
#ifndef TGCALLD_EVENTS_KEPT_H
#define TGCALLD_EVENTS_KEPT_H

#include "daemon/bridge/events.h"
#include "daemon/store/store.h"

/* SHARED: several processes write it into that database. */
int events_kept_open(const struct store *store, bool shared, struct events **ret) TGC_MUST;
/* This process writes a log that is shared in place of another one, of which it is known whether it DIED: then
 * something may be missing, and a gap says so. STORE is this process's now. */
void events_kept_take_over(const struct store *store, struct events *events, bool died);
/* When nobody appends any more, and before the store closes. NULLs are fine. */
void events_kept_close(struct store *store, struct events *events);

#endif
