/* Timers of a loop, as they are used: set anew with nearly everything that happens, most often for later than before,
 * or for at once. */
#include <stdlib.h>

#include "daemon/net/loop_internal.h"

struct net_timer {
    uv_timer_t uv;
    struct net_flush soon; /* its time has come */
    struct net_loop *loop;
    int64_t deadline_us; /* INT64_MAX: it is not set */
    int64_t armed_us;    /* what libuv's timer waits for, maybe less than that; INT64_MAX: it is stopped */
    void (*due)(void *ctx);
    void *ctx;
};

static void free_handle(uv_handle_t *handle)
{
    free(handle->data);
}

static void fire(void *ctx)
{
    struct net_timer *t = ctx;

    net_flush_drop(&t->soon);
    t->deadline_us = INT64_MAX;
    t->due(t->ctx);
}

int net_timer_new(struct net_loop *loop, void (*due)(void *ctx), void *ctx, struct net_timer **ret)
{
    struct net_timer *t = calloc(1, sizeof(*t));

    if (!t)
        return TGC_ENOMEM;
    uv_timer_init(&loop->uv, &t->uv);
    t->uv.data = t;
    t->soon = (struct net_flush){.flush = fire, .ctx = t};
    t->loop = loop;
    t->deadline_us = t->armed_us = INT64_MAX;
    t->due = due;
    t->ctx = ctx;
    *ret = t;
    return 0;
}

static void arm(struct net_timer *t);

/* libuv waits on a clock of its own: the loop's says whether the time has come. */
static void on_timer(uv_timer_t *uv)
{
    struct net_timer *t = uv->data;

    t->armed_us = INT64_MAX;
    t->loop->now_us = 0;
    if (t->deadline_us == INT64_MAX)
        return;
    if (clock_mono_us(&t->loop->turn_clock) < t->deadline_us)
        arm(t);
    else
        fire(t);
}

static void arm(struct net_timer *t)
{
    int64_t left_us = t->deadline_us - clock_mono_us(t->loop->clock);
    uint64_t wait_us = left_us > 0 ? (uint64_t)left_us : 0;

    /* libuv counts from its last whole millisecond. Rounded up from now: a timer that fires early would only be set
     * again. */
    uint64_t wait_ms = (uv_hrtime() / 1000 + 1 + wait_us + 999) / 1000 - uv_now(t->uv.loop);
    uv_timer_start(&t->uv, on_timer, wait_ms, 0);
    t->armed_us = t->deadline_us;
}

void net_timer_set(struct net_timer *t, int64_t deadline_us)
{
    if (deadline_us == INT64_MAX) {
        net_timer_stop(t);
        return;
    }
    t->deadline_us = deadline_us;
    if (deadline_us <= clock_mono_us(&t->loop->turn_clock)) {
        net_loop_soon(t->loop, &t->soon);
        return;
    }
    net_flush_drop(&t->soon);
    /* One that comes too early looks at its deadline then. */
    if (deadline_us < t->armed_us)
        arm(t);
}

void net_timer_stop(struct net_timer *t)
{
    net_flush_drop(&t->soon);
    uv_timer_stop(&t->uv);
    t->deadline_us = t->armed_us = INT64_MAX;
}

void net_timer_free(struct net_timer *t)
{
    if (!t)
        return;
    net_timer_stop(t);
    uv_close((uv_handle_t *)&t->uv, free_handle);
}
