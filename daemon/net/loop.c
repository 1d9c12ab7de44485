#include "daemon/net/loop.h"

#include <stdlib.h>

#include "daemon/net/loop_internal.h"

void net_loop_free(struct net_loop *loop)
{
    if (!loop)
        return;
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

void net_flush_ask(struct net_loop *loop, struct net_flush *f)
{
    if (f->at)
        return;
    f->next = loop->flushes;
    f->at = &loop->flushes;
    if (f->next)
        f->next->at = &f->next;
    loop->flushes = f;
}

void net_flush_drop(struct net_flush *f)
{
    if (!f->at)
        return;
    *f->at = f->next;
    if (f->next)
        f->next->at = f->at;
    f->at = NULL;
}

static void take_turn(struct net_loop *loop)
{
    if (loop->turn && loop->turn(loop->turn_ctx))
        uv_idle_start(&loop->no_wait, go_on);
}

static void before_wait(uv_prepare_t *uv)
{
    struct net_loop *loop = uv->data;

    take_turn(loop);
    while (loop->flushes) {
        struct net_flush *f = loop->flushes;
        net_flush_drop(f);
        f->flush(f->ctx);
    }
}

static void after_wait(uv_check_t *uv)
{
    struct net_loop *loop = uv->data;

    uv_idle_stop(&loop->no_wait);
    take_turn(loop);
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
    loop->clock = clock;
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

struct net_timer {
    uv_timer_t uv;
    struct net_loop *loop;
    int64_t deadline_us;
    void (*due)(void *ctx);
    void *ctx;
};

static void free_handle(uv_handle_t *handle)
{
    free(handle->data);
}

int net_timer_new(struct net_loop *loop, void (*due)(void *ctx), void *ctx, struct net_timer **ret)
{
    struct net_timer *t = calloc(1, sizeof(*t));

    if (!t)
        return TGC_ENOMEM;
    uv_timer_init(&loop->uv, &t->uv);
    t->uv.data = t;
    t->loop = loop;
    t->due = due;
    t->ctx = ctx;
    *ret = t;
    return 0;
}

static void start(struct net_timer *t);

/* libuv waits on a clock of its own: the loop's says whether the time has come. */
static void on_timer(uv_timer_t *uv)
{
    struct net_timer *t = uv->data;

    if (clock_mono_us(t->loop->clock) < t->deadline_us)
        start(t);
    else
        t->due(t->ctx);
}

static void start(struct net_timer *t)
{
    int64_t wait_us = t->deadline_us - clock_mono_us(t->loop->clock);
    uint64_t wait_ms = 0;

    uv_update_time(t->uv.loop);
    /* libuv counts from its last whole millisecond. Rounded up from now: a timer that fires early would only be set
     * again. */
    if (wait_us > 0)
        wait_ms = (uv_hrtime() / 1000 + 1 + (uint64_t)wait_us + 999) / 1000 - uv_now(t->uv.loop);
    uv_timer_start(&t->uv, on_timer, wait_ms, 0);
}

void net_timer_set(struct net_timer *t, int64_t deadline_us)
{
    t->deadline_us = deadline_us;
    if (deadline_us == INT64_MAX)
        uv_timer_stop(&t->uv);
    else
        start(t);
}

void net_timer_stop(struct net_timer *t)
{
    uv_timer_stop(&t->uv);
}

void net_timer_free(struct net_timer *t)
{
    if (!t)
        return;
    uv_timer_stop(&t->uv);
    uv_close((uv_handle_t *)&t->uv, free_handle);
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
