/* What happened, for tests to read: a ring of events with growing numbers, and how often each method was called. */
#ifndef TGCALLD_SANDBOX_FAULT_TRACE_H
#define TGCALLD_SANDBOX_FAULT_TRACE_H

#include <stdint.h>

#include <jansson.h>

enum { TRACE_EVENTS = 2048 };

struct trace {
    json_t *ring[TRACE_EVENTS];
    uint64_t next;   /* the number of the next event; the first is 1 */
    json_t *methods; /* name → count */
};

void trace_init(struct trace *t);
void trace_fini(struct trace *t);
/* Takes EVENT (an object), adds "n" and "at_us" (wall time). */
void trace_add(struct trace *t, int64_t wall_us, json_t *event);
void trace_count(struct trace *t, const char *method);
/* Events with a number above SINCE that are still kept: {"events", "next"}; a new reference. */
json_t *trace_list(const struct trace *t, uint64_t since);

#endif
