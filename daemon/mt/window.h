/* The server's message ids of late, to tell duplicates. Internal to daemon/mt. */
#ifndef TGCALLD_MT_WINDOW_H
#define TGCALLD_MT_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"

/* The last LIMIT_SEEN_MESSAGES ids in order. */
struct window {
    uint64_t *ids;
    size_t cap, head, n;
};

enum window_verdict {
    WINDOW_NEW,  /* taken in */
    WINDOW_SEEN, /* a duplicate */
    WINDOW_OLD,  /* below all that are remembered: it may be a duplicate */
};

void window_fini(struct window *w);
/* A verdict, or TGC_ENOMEM. */
int window_add(struct window *w, uint64_t id) TGC_MUST;
/* As if ID had never been seen: for one that could not be handled. */
void window_drop(struct window *w, uint64_t id);
bool window_has(const struct window *w, uint64_t id);
/* Whether nothing is known about ID any more. */
bool window_is_below(const struct window *w, uint64_t id);
uint64_t window_newest(const struct window *w);

#endif
