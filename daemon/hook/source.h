/* How webhooks read the event log of the process, which this room does not know: its newest events by these functions,
 * the others from the store. Any thread. */
#ifndef TGCALLD_HOOK_SOURCE_H
#define TGCALLD_HOOK_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hook_event {
    uint64_t id;
    const char *account, *type; /* ACCOUNT "": of none */
    int64_t received_at;        /* Unix seconds */
    const char *data;           /* one JSON object of LEN bytes */
    size_t len;
    bool is_made; /* no event of the log's own: a gap that stands for those that it has no more */
    void *held;
};

enum hook_found {
    HOOK_FOUND_NEXT,  /* *RET is the next one: drop() it */
    HOOK_FOUND_NONE,  /* nothing is newer */
    HOOK_FOUND_OLDER, /* there is one, on the disk alone */
};

enum { HOOK_GAP_MAX = 128 };

struct hook_source {
    enum hook_found (*next)(void *ctx, uint64_t after, struct hook_event *ret);
    void (*drop)(void *ctx, struct hook_event *event);
    uint64_t (*newest)(void *ctx);      /* that is shown */
    uint64_t (*oldest_here)(void *ctx); /* in memory; one more than the newest where none is */
    /* Ids above *RET_AFTER, up to *RET_END, that no event has: those that the last kill left out. */
    void (*skipped)(void *ctx, uint64_t *ret_after, uint64_t *ret_end);
    /* Whether some missed the disk: above *RET_AFTER and up to *RET_END. */
    bool (*hole)(void *ctx, uint64_t *ret_after, uint64_t *ret_end);
    /* The data of an event "gap" with that id: nothing is known of what lay above AFTER. Returns its length. */
    size_t (*gap)(char out[static HOOK_GAP_MAX], uint64_t after, uint64_t id, int64_t received_at);
    void *ctx;
};

#endif
