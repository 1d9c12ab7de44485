/* loop.h on a clock that is turned by hand. */
#include <stdlib.h>

#include <check.h>
#include <utlist.h>

#include "tests/support/fake_net_internal.h"

enum { STILL_MAX = 100000 };

/* --- events --- */

static int by_time(const struct fake_event *a, const struct fake_event *b)
{
    if (a->due_us != b->due_us)
        return a->due_us < b->due_us ? -1 : 1;
    return a->number < b->number ? -1 : 1;
}

void fake_post(struct net_loop *loop, struct fake_event *event, int64_t due_us)
{
    int64_t now = fake_now(loop);

    event->due_us = due_us > now ? due_us : now;
    event->number = ++loop->last_number;
    DL_INSERT_INORDER(loop->events, event, by_time);
}

void fake_unpost(struct net_loop *loop, struct fake_event *event)
{
    DL_DELETE(loop->events, event);
}

/* The next event that is due by UNTIL_US; false where there is none. */
static bool run_next(struct net_loop *loop, int64_t until_us)
{
    struct fake_event *event = loop->events;
    struct fake_clock *clock = fake_clock_of(loop->clock);

    if (!event || event->due_us > until_us)
        return false;
    if (!clock)
        ck_abort_msg("the loop's clock is not one that can be turned");
    if (event->due_us > clock->mono_us) {
        fake_clock_pass(clock, event->due_us - clock->mono_us);
        loop->still = 0;
    }
    if (++loop->still > STILL_MAX)
        ck_abort_msg("%d events, and no time has passed", STILL_MAX);
    fake_unpost(loop, event);
    event->run(event->ctx);
    if (loop->turn)
        loop->turn(loop->turn_ctx);
    return true;
}

/* --- the loop --- */

int net_loop_new(const struct clock_source *clock, struct net_loop **ret)
{
    struct net_loop *loop = calloc(1, sizeof(*loop));

    if (!loop)
        return TGC_ENOMEM;
    loop->clock = clock;
    loop->latency_us = FAKE_NET_LATENCY_US;
    *ret = loop;
    return 0;
}

void net_loop_free(struct net_loop *loop)
{
    struct fake_event *event;
    struct fake_server *server, *next;

    if (!loop)
        return;
    if (loop->annex.what)
        loop->annex.end(loop->annex.what);
    if (loop->handles)
        ck_abort_msg("%zu timers, wake-ups or links were left on the loop", loop->handles);
    while ((event = loop->events) != NULL) {
        fake_unpost(loop, event);
        if (event->drop)
            event->drop(event->ctx);
    }
    LL_FOREACH_SAFE(loop->servers, server, next)
    free(server);
    free(loop);
}

void net_loop_run(struct net_loop *loop)
{
    loop->stopped = false;
    while (!loop->stopped)
        if (!run_next(loop, INT64_MAX))
            ck_abort_msg("nothing will ever stop the loop");
}

void net_loop_stop(struct net_loop *loop)
{
    loop->stopped = true;
}

void net_loop_on_turn(struct net_loop *loop, bool (*turn)(void *ctx), void *ctx)
{
    loop->turn = turn;
    loop->turn_ctx = ctx;
}

const struct clock_source *net_loop_clock(const struct net_loop *loop)
{
    return loop->clock;
}

const struct clock_source *net_loop_fresh_clock(const struct net_loop *loop)
{
    return loop->clock;
}

struct net_annex *net_loop_annex(struct net_loop *loop)
{
    return &loop->annex;
}

/* --- timers --- */

struct net_timer {
    struct fake_event event;
    struct net_loop *loop;
    bool is_set;
    void (*due)(void *ctx);
    void *ctx;
};

static void run_timer(void *ctx)
{
    struct net_timer *t = ctx;

    t->is_set = false;
    t->due(t->ctx);
}

int net_timer_new(struct net_loop *loop, void (*due)(void *ctx), void *ctx, struct net_timer **ret)
{
    struct net_timer *t = calloc(1, sizeof(*t));

    if (!t)
        return TGC_ENOMEM;
    *t = (struct net_timer){.event = {.run = run_timer, .ctx = t}, .loop = loop, .due = due, .ctx = ctx};
    loop->handles++;
    *ret = t;
    return 0;
}

void net_timer_stop(struct net_timer *t)
{
    if (t->is_set)
        fake_unpost(t->loop, &t->event);
    t->is_set = false;
}

void net_timer_set(struct net_timer *t, int64_t deadline_us)
{
    net_timer_stop(t);
    if (deadline_us == INT64_MAX)
        return;
    t->is_set = true;
    fake_post(t->loop, &t->event, deadline_us);
}

void net_timer_free(struct net_timer *t)
{
    if (!t)
        return;
    net_timer_stop(t);
    t->loop->handles--;
    free(t);
}

/* --- wake-ups, of this thread alone --- */

struct net_wake {
    struct fake_event event;
    struct net_loop *loop;
    bool is_signalled;
    void (*woken)(void *ctx);
    void *ctx;
};

static void run_wake(void *ctx)
{
    struct net_wake *w = ctx;

    w->is_signalled = false;
    w->woken(w->ctx);
}

int net_wake_new(struct net_loop *loop, void (*woken)(void *ctx), void *ctx, struct net_wake **ret)
{
    struct net_wake *w = calloc(1, sizeof(*w));

    if (!w)
        return TGC_ENOMEM;
    *w = (struct net_wake){.event = {.run = run_wake, .ctx = w}, .loop = loop, .woken = woken, .ctx = ctx};
    loop->handles++;
    *ret = w;
    return 0;
}

void net_wake_signal(struct net_wake *w)
{
    if (!w->is_signalled)
        fake_post(w->loop, &w->event, 0);
    w->is_signalled = true;
}

void net_wake_free(struct net_wake *w)
{
    if (!w)
        return;
    if (w->is_signalled)
        fake_unpost(w->loop, &w->event);
    w->loop->handles--;
    free(w);
}

/* --- work, which takes no time --- */

struct offload {
    struct fake_event event;
    void (*work)(void *ctx);
    void (*done)(void *ctx);
    void *ctx;
};

static void run_offload(void *ctx)
{
    struct offload o = *(struct offload *)ctx;

    free(ctx);
    o.work(o.ctx);
    o.done(o.ctx);
}

int net_offload(struct net_loop *loop, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx)
{
    struct offload *o = calloc(1, sizeof(*o));

    if (!o)
        return TGC_ENOMEM;
    /* As on a real loop, what is at work when the loop goes is waited for. */
    *o = (struct offload){.event = {.run = run_offload, .drop = run_offload, .ctx = o}, work, done, ctx};
    fake_post(loop, &o->event, 0);
    return 0;
}

/* --- the test's side --- */

void fake_net_init(struct fake_net *net)
{
    fake_clock_init(&net->clock);
    ck_assert_int_eq(net_loop_new(&net->clock.source, &net->loop), 0);
}

void fake_net_fini(struct fake_net *net)
{
    net_loop_free(net->loop);
    net->loop = NULL;
}

bool fake_net_run_until(struct fake_net *net, bool (*done)(void *ctx), void *ctx, int64_t at_most_us)
{
    int64_t until_us = net->clock.mono_us + at_most_us;

    while (!done(ctx)) {
        if (!run_next(net->loop, until_us)) {
            if (until_us > net->clock.mono_us)
                fake_clock_pass(&net->clock, until_us - net->clock.mono_us);
            return false;
        }
    }
    return true;
}

static bool never(void *ctx)
{
    (void)ctx;
    return false;
}

void fake_net_advance(struct fake_net *net, int64_t us)
{
    (void)!fake_net_run_until(net, never, NULL, us);
}

int64_t fake_net_next(const struct fake_net *net)
{
    const struct fake_event *event = net->loop->events;
    int64_t now = net->clock.mono_us;

    if (!event)
        return INT64_MAX;
    return event->due_us > now ? event->due_us - now : 0;
}

void fake_net_set_latency(struct fake_net *net, int64_t us)
{
    net->loop->latency_us = us;
}

void fake_net_set_dead(struct fake_net *net, bool is_dead)
{
    net->loop->is_dead = is_dead;
}
