/* The worker's end of the event log (bridge/events.h): what happens here gets its number there, goes to the disk with
 * what gathered meanwhile, and is shown then. One of all workers writes at a time, whichever came first, for all of
 * them. The worker's thread, but for event_log_new() and _free(). */
#ifndef TGCALLD_WORKER_EVENT_LOG_H
#define TGCALLD_WORKER_EVENT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/bridge/events.h"
#include "daemon/net/loop.h"
#include "daemon/store/store.h"

struct event_log;
struct meter;

/* EVENTS and STORE are borrowed; without a store (NULL) nothing is written, and events know that. */
int event_log_new(struct events *events, struct store *store, struct net_loop *loop, struct event_log **ret) TGC_MUST;
/* What is appended counts there; NULL: nowhere. */
void event_log_count(struct event_log *log, struct meter *meter);
/* When nothing is under way. NULL is fine. */
void event_log_free(struct event_log *log);

/* Writes what is there already: that there is a gap, or what another worker's log could not. */
void event_log_start(struct event_log *log);

/* Something happened. What memory is too short for becomes a gap. */
void event_log_append(struct event_log *log, const struct event_words *words);
/* Something of the account's is about to be lost, or was: a gap for who hears of it. "": a gap for all. */
void event_log_lose(struct event_log *log, const char *account);
/* The account goes, and what happened to it goes with it, here and on the disk: all up to the id that is returned. */
uint64_t event_log_forget(struct event_log *log, const char *account);

/* A page of events, each held for who hears of it and freed by him, but not LIST; N may be 0. Up to UP_TO nothing else
 * is to be read: there the next page begins. LIST's first is a gap where older events are not there any more. ERR: the
 * store's, and WHY. */
enum { EVENT_LOG_PAGE_MAX = 256 };
typedef void event_log_page_fn(void *ctx, int err, const char *why, struct event **list, size_t n, uint64_t up_to);
/* What comes after AFTER, at most LIMIT (1..EVENT_LOG_PAGE_MAX). TGC_ENOMEM, TGC_ELIMIT: no call comes. */
int event_log_read(struct event_log *log, uint64_t after, size_t limit, event_log_page_fn *page, void *ctx) TGC_MUST;

/* Whether all that happened was given to the store, and is answered. */
bool event_log_is_idle(const struct event_log *log);

#endif
