#include "daemon/net/loop.h"

#include <stdlib.h>

#include "daemon/base/table.h"
#include "daemon/net/loop_internal.h"

enum { SOON_ROUNDS = 4 };

void net_loop_free(struct net_loop *loop)
{
    if (!loop)
        return;
    if (loop->annex.what)
        loop->annex.end(loop->annex.what);
    uv_close((uv_handle_t *)&loop->before_wait, NULL);
    uv_close((uv_handle_t *)&loop->after_wait, NULL);
    uv_close((uv_handle_t *)&loop->no_wait, NULL);
    /* Closed handles are freed by their close callbacks, which need the loop to turn. */
    while (uv_run(&loop->uv, UV_RUN_DEFAULT) != 0) {
    }
    uv_loop_close(&loop->uv);
    free(loop);
}

void net_loop_run(struct net_loop *loop)
{
    uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void net_loop_stop(struct net_loop *loop)
{
    uv_stop(&loop->uv);
}

void net_loop_step(struct net_loop *loop)
{
    uv_run(&loop->uv, UV_RUN_ONCE);
}

static void go_on(uv_idle_t *uv)
{
    (void)uv; /* that it is there is all: the loop does not wait */
}

void net_flush_ask(struct net_flush **list, struct net_flush *f)
{
    if (f->list)
        return;
    f->list = list;
    DL_APPEND(*list, f);
}

void net_flush_drop(struct net_flush *f)
{
    if (!f->list)
        return;
    DL_DELETE(*f->list, f);
    f->list = NULL;
}

static void take_turn(struct net_loop *loop)
{
    if (loop->turn && loop->turn(loop->turn_ctx))
        uv_idle_start(&loop->no_wait, go_on);
}

static void flush_until(struct net_flush **list, const struct net_flush *end)
{
    while (*list != end) {
        struct net_flush *f = *list;
        net_flush_drop(f);
        f->flush(f->ctx);
    }
}

/* False where nothing was asked for. */
static bool flush_all(struct net_flush **list)
{
    bool was_asked = *list != NULL;

    flush_until(list, NULL);
    return was_asked;
}

/* What they ask for comes after them: now, so that it leaves with this round, unless there is no end to it. */
static void run_due(struct net_loop *loop)
{
    for (int i = 0; i < SOON_ROUNDS && loop->soon; i++) {
        struct net_flush end = {0};
        net_flush_ask(&loop->soon, &end);
        flush_until(&loop->soon, &end);
        net_flush_drop(&end);
    }
}

static void forget_time(struct net_loop *loop)
{
    loop->now_us = loop->wall_us = 0;
}

static void before_wait(uv_prepare_t *uv)
{
    struct net_loop *loop = uv->data;

    run_due(loop);
    take_turn(loop);
    /* What came to an end by writing has its turn too. */
    if (flush_all(&loop->flushes))
        take_turn(loop);
    if (loop->soon || loop->flushes)
        uv_idle_start(&loop->no_wait, go_on);
    else
        uv_unref((uv_handle_t *)&loop->before_wait);
    forget_time(loop);
}

static void after_wait(uv_check_t *uv)
{
    struct net_loop *loop = uv->data;

    forget_time(loop);
    uv_idle_stop(&loop->no_wait);
    take_turn(loop);
}

void net_loop_soon(struct net_loop *loop, struct net_flush *f)
{
    net_flush_ask(&loop->soon, f);
    uv_ref((uv_handle_t *)&loop->before_wait); /* it is a reason to go on */
}

static int64_t turn_mono_us(void *ctx)
{
    struct net_loop *loop = ctx;

    if (!loop->now_us)
        loop->now_us = clock_mono_us(loop->clock);
    return loop->now_us;
}

static int64_t turn_wall_us(void *ctx)
{
    struct net_loop *loop = ctx;

    if (!loop->wall_us)
        loop->wall_us = clock_wall_us(loop->clock);
    return loop->wall_us;
}

const struct clock_source *net_loop_clock(const struct net_loop *loop)
{
    return &loop->turn_clock;
}

const struct clock_source *net_loop_fresh_clock(const struct net_loop *loop)
{
    return loop->clock;
}

struct net_annex *net_loop_annex(struct net_loop *loop)
{
    return &loop->annex;
}

int net_loop_new(const struct clock_source *clock, struct net_loop **ret)
{
    struct net_loop *loop = calloc(1, sizeof(*loop));

    if (!loop)
        return TGC_ENOMEM;
    if (uv_loop_init(&loop->uv) != 0) {
        free(loop);
        return TGC_ESYSTEM;
    }
    loop->uv.data = loop;
    loop->clock = clock;
    loop->turn_clock = (struct clock_source){turn_mono_us, turn_wall_us, loop};
    loop->before_wait.data = loop;
    loop->after_wait.data = loop;
    uv_prepare_init(&loop->uv, &loop->before_wait);
    uv_check_init(&loop->uv, &loop->after_wait);
    uv_idle_init(&loop->uv, &loop->no_wait);
    uv_prepare_start(&loop->before_wait, before_wait);
    uv_check_start(&loop->after_wait, after_wait);
    /* They are no reason to go on. */
    uv_unref((uv_handle_t *)&loop->before_wait);
    uv_unref((uv_handle_t *)&loop->after_wait);
    uv_unref((uv_handle_t *)&loop->no_wait);
    *ret = loop;
    return 0;
}

void net_loop_on_turn(struct net_loop *loop, bool (*turn)(void *ctx), void *ctx)
{
    loop->turn = turn;
    loop->turn_ctx = ctx;
}

static void free_handle(uv_handle_t *handle)
{
    free(handle->data);
}

struct net_wake {
    uv_async_t uv;
    void (*woken)(void *ctx);
    void *ctx;
};

static void on_wake(uv_async_t *uv)
{
    struct net_wake *w = uv->data;

    w->woken(w->ctx);
}

int net_wake_new(struct net_loop *loop, void (*woken)(void *ctx), void *ctx, struct net_wake **ret)
{
    struct net_wake *w = calloc(1, sizeof(*w));

    if (!w)
        return TGC_ENOMEM;
    if (uv_async_init(&loop->uv, &w->uv, on_wake) != 0) {
        free(w);
        return TGC_ESYSTEM;
    }
    w->uv.data = w;
    w->woken = woken;
    w->ctx = ctx;
    *ret = w;
    return 0;
}

void net_wake_signal(struct net_wake *w)
{
    uv_async_send(&w->uv);
}

void net_wake_free(struct net_wake *w)
{
    if (w)
        uv_close((uv_handle_t *)&w->uv, free_handle);
}

struct net_watch {
    uv_poll_t uv;
    void (*readable)(void *ctx);
    void *ctx;
};

/* An error is for whoever reads. */
static void on_readable(uv_poll_t *uv, int status, int events)
{
    struct net_watch *w = uv->data;

    (void)status;
    (void)events;
    w->readable(w->ctx);
}

int net_watch_new(struct net_loop *loop, int fd, void (*readable)(void *ctx), void *ctx, struct net_watch **ret)
{
    struct net_watch *w = calloc(1, sizeof(*w));

    if (!w)
        return TGC_ENOMEM;
    if (uv_poll_init(&loop->uv, &w->uv, fd) != 0) {
        free(w);
        return TGC_ESYSTEM;
    }
    w->uv.data = w;
    w->readable = readable;
    w->ctx = ctx;
    /* It cannot fail: the handle is new, and reading is an event. */
    uv_poll_start(&w->uv, UV_READABLE, on_readable);
    *ret = w;
    return 0;
}

void net_watch_free(struct net_watch *w)
{
    if (w)
        uv_close((uv_handle_t *)&w->uv, free_handle);
}

struct offload {
    uv_work_t uv;
    void (*work)(void *ctx);
    void (*done)(void *ctx);
    void *ctx;
};

static void on_work(uv_work_t *uv)
{
    struct offload *o = uv->data;

    o->work(o->ctx);
}

static void on_work_done(uv_work_t *uv, int status)
{
    struct offload *o = uv->data;

    (void)status; /* nothing cancels work here */
    o->done(o->ctx);
    free(o);
}

int net_offload(struct net_loop *loop, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx)
{
    struct offload *o = calloc(1, sizeof(*o));

    if (!o)
        return TGC_ENOMEM;
    o->uv.data = o;
    o->work = work;
    o->done = done;
    o->ctx = ctx;
    if (uv_queue_work(&loop->uv, &o->uv, on_work, on_work_done) != 0) {
        free(o);
        return TGC_ESYSTEM;
    }
    return 0;
}
