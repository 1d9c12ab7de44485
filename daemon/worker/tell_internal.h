/* What tell_events.c (accounts and updates) and tell_call.c (calls) share. */
#ifndef TGCALLD_WORKER_TELL_INTERNAL_H
#define TGCALLD_WORKER_TELL_INTERNAL_H

#include "daemon/base/buf.h"
#include "daemon/base/clock.h"
#include "daemon/tl/schema.h"
#include "daemon/worker/event_log.h"
#include "daemon/worker/tell_beside.h"

struct tell_events {
    struct event_log *log;
    const struct tl_schema *schema;
    const struct clock_source *clock;
    struct buf text; /* of the event at hand */
    struct tell_beside *beside;
};

/* The event's text begins: {"account":…,"received_at":…. Returns when that is, in Unix seconds. */
int64_t tell_begin(struct tell_events *t, const char *account);
/* It ends, and goes to the log. */
void tell_end(struct tell_events *t, const char *account, const char *type, int64_t received_at);

/* A member of `changed` between these: {"old":…,"new":…}. ANY: whether one came before. */
void tell_change_begin(struct buf *out, bool *any, const char *name);
void tell_change_end(struct buf *out);
/* In front of its sides. */
void tell_old(struct buf *out);
void tell_new(struct buf *out, bool has_old);
void tell_changes_end(struct buf *out, bool any);

#endif
