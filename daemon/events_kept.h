/* The event log from one process to the next: made of what the store has, and ended so that the next one goes on
 * without a gap. */
#ifndef TGCALLD_EVENTS_KEPT_H
#define TGCALLD_EVENTS_KEPT_H

#include "daemon/bridge/events.h"
#include "daemon/store/store.h"

int events_kept_open(const struct store *store, struct events **ret) TGC_MUST;
/* EVENTS followed another process's log (events_follow()), and the store is this one's now, and was asked where it
 * stands. */
int events_kept_take_over(const struct store *store, struct events *events) TGC_MUST;
/* When nobody appends any more, and before the store closes. NULLs are fine. */
void events_kept_close(struct store *store, struct events *events);

#endif
