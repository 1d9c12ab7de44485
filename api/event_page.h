/* Events as one JSON text, for who asks again and again. */
#ifndef TGCALLD_API_EVENT_PAGE_H
#define TGCALLD_API_EVENT_PAGE_H

#include "api/event_filter.h"
#include "daemon/base/buf.h"
#include "daemon/bridge/events.h"
#include "daemon/bridge/job.h"

enum {
    /* Of one page: what is more comes with the next one. */
    EVENT_PAGE_EVENTS = 1000,
    EVENT_PAGE_BYTES = 1 << 20,
    /* One event more than these bytes, with what stands around each; the store's pages are as long. */
    EVENT_PAGE_TEXT = 4 << 20,
    /* Of those: each is a row that was read. */
    EVENT_PAGE_OLDER = 256,
};

struct event_page {
    struct buf text; /* {"events": [{"id", "event", "data"}…], "next"}, when it is ended */
    uint64_t next;   /* after which event the next page begins */
    size_t n;
};

/* A page that begins after AFTER. */
void event_page_begin(struct event_page *p, uint64_t after);
/* Adds EVENT (NULL: none). */
void event_page_add(struct event_page *p, const struct event *event);
/* Adds what is in memory and F lets pass, and passes over the rest. What is behind it: EVENTS_NEXT says more. */
enum events_found event_page_fill(struct event_page *p, struct events *e, const struct event_filter *f);
/* The same with what JOB (JOB_EVENTS_READ) brought. */
void event_page_take(struct event_page *p, const struct job *job, const struct event_filter *f);
void event_page_end(struct event_page *p);

#endif
