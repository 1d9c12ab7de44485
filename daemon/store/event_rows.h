/* The event log: what happened, by numbers that only grow. It is bounded by the store_config's events_keep and
 * events_keep_bytes; the oldest go first, a page of them at a time. What an event says is sealed: there are people's
 * names, phone numbers and words in it. */
#ifndef TGCALLD_STORE_EVENT_ROWS_H
#define TGCALLD_STORE_EVENT_ROWS_H

#include "daemon/store/event.h"
#include "daemon/store/events_place.h"
#include "daemon/store/store.h"

/* Adds N rows, from 1, in the order of their ids; what is not newer than all that are there is there already. */
int store_lend_events(struct store_desk *d, const struct store_event *rows, size_t n, const struct store_loan *loan,
                      store_done_fn *done, void *ctx) TGC_MUST;
/* The same of a cluster's nodes, which all may call it: the rows have no ids yet. They get those behind all that there
 * are and that were reserved, without one left out, and are committed in their order: who reads up to the newest misses
 * none that comes later. A row without DATA is a gap, which nobody could put into words before its id is known. */
int store_append_events(struct store_desk *d, const struct store_event *rows, size_t n, const struct store_loan *loan,
                        store_done_fn *done, void *ctx) TGC_MUST;
/* The account's, up to UP_TO. */
int store_drop_events(struct store_desk *d, const char *account, int64_t up_to, store_done_fn *done,
                      void *ctx) TGC_MUST;
/* No id above NEWEST was given: the next process goes on there. */
int store_end_events(struct store_desk *d, int64_t newest, store_done_fn *done, void *ctx) TGC_MUST;

/* LIST lives as long as the call: events after AFTER in the order of their ids, as many as asked for and as fit into
 * STORE_EVENTS_BYTES, at least one where there is one; a page that is damaged is one without a TYPE. DAMAGED: how many
 * events such pages had. DROPPED: up to there events were dropped, since there were too many. */
enum { STORE_EVENTS_BYTES = 1 << 20 };
typedef void store_events_fn(void *ctx, int err, const char *why, const struct store_event *list, size_t n,
                             size_t damaged, int64_t dropped);
int store_load_events(struct store_desk *d, int64_t after, size_t limit, store_events_fn *loaded, void *ctx) TGC_MUST;

#endif
