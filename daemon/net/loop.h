/* The event loop of one worker: timers, wake-ups from other threads, slow work off the loop. All but net_wake_signal()
 * belong to the loop's thread. */
#ifndef TGCALLD_NET_LOOP_H
#define TGCALLD_NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/clock.h"
#include "daemon/base/err.h"

struct net_loop;

/* CLOCK (borrowed) is the time of all deadlines on this loop: its timers, and connecting. */
int net_loop_new(const struct clock_source *clock, struct net_loop **ret) TGC_MUST;
/* Every timer, wake, link and offload must be gone; closes what libuv still holds. */
void net_loop_free(struct net_loop *loop);
/* Runs until net_loop_stop(). */
void net_loop_run(struct net_loop *loop);
void net_loop_stop(struct net_loop *loop);
/* One round without waiting for longer than until the next timer. */
void net_loop_step(struct net_loop *loop);
/* TURN is called whenever a round of callbacks is over: before the loop waits, and when what it waited for was served.
 * Where it returns true the loop does not wait: there is more to do. */
void net_loop_on_turn(struct net_loop *loop, bool (*turn)(void *ctx), void *ctx);

/* The loop's clock, whose times stand still while a round of callbacks runs. The loop's thread. */
const struct clock_source *net_loop_clock(const struct net_loop *loop);
/* The one that it was made with, read anew with each call. */
const struct clock_source *net_loop_fresh_clock(const struct net_loop *loop);

/* What goes with the loop though it is not a part of it (gate.c): END is called by net_loop_free(), before all else. */
struct net_annex {
    void *what; /* NULL: there is none */
    void (*end)(void *what);
};
struct net_annex *net_loop_annex(struct net_loop *loop);

/* One-shot timers. */
struct net_timer;
int net_timer_new(struct net_loop *loop, void (*due)(void *ctx), void *ctx, struct net_timer **ret) TGC_MUST;
/* DEADLINE_US is on the loop's monotonic clock, and DUE is never called before it; a time in the past fires at once,
 * before the loop waits, and such ones in the order in which they were set. INT64_MAX stops it. Where the loop is late
 * for several, one that was moved to later may come before those that were not. */
void net_timer_set(struct net_timer *t, int64_t deadline_us);
void net_timer_stop(struct net_timer *t);
/* NULL is fine. No call comes afterwards. */
void net_timer_free(struct net_timer *t);

/* A call on the loop's thread, asked for by any thread; several signals may become one call. */
struct net_wake;
int net_wake_new(struct net_loop *loop, void (*woken)(void *ctx), void *ctx, struct net_wake **ret) TGC_MUST;
void net_wake_signal(struct net_wake *w);
void net_wake_free(struct net_wake *w);

/* A descriptor of somebody else's: READABLE is called while it can be read. It must stay open until it is not watched
 * any more. */
struct net_watch;
int net_watch_new(struct net_loop *loop, int fd, void (*readable)(void *ctx), void *ctx,
                  struct net_watch **ret) TGC_MUST;
void net_watch_free(struct net_watch *w);

/* Runs WORK on a thread of libuv's pool, then DONE on the loop. */
int net_offload(struct net_loop *loop, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx) TGC_MUST;

#endif
