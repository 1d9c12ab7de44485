#ifndef TGCALLD_NET_LOOP_INTERNAL_H
#define TGCALLD_NET_LOOP_INTERNAL_H

#include <stdbool.h>

#include <uv.h>

#include "daemon/net/loop.h"

/* What is to be done before the loop waits, once for all that was asked for in a round, in the order of asking. */
struct net_flush {
    void (*flush)(void *ctx);
    void *ctx;
    struct net_flush **list; /* NULL: not asked for */
    struct net_flush *prev, *next;
};

void net_flush_ask(struct net_flush **list, struct net_flush *f);
/* Not any more. */
void net_flush_drop(struct net_flush *f);

struct net_loop {
    uv_loop_t uv; /* its data is the loop */
    struct net_annex annex;
    const struct clock_source *clock;
    struct clock_source turn_clock;
    int64_t now_us, wall_us; /* by the clock, in this round of callbacks; 0: not asked for yet */
    uv_prepare_t before_wait;
    uv_check_t after_wait;
    uv_idle_t no_wait;         /* active: there is more to do */
    struct net_flush *soon;    /* timers whose time has come */
    struct net_flush *flushes; /* what these and others have to write */
    bool (*turn)(void *ctx);
    void *turn_ctx;
    uint8_t in[64 << 10]; /* what a read lands in: one at a time on a loop, so not one a link */
};

/* Has it called before the loop waits, in front of those that write. */
void net_loop_soon(struct net_loop *loop, struct net_flush *f);

#endif
