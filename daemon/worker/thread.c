#include "daemon/worker/thread.h"

#include <stdlib.h>

#include "daemon/net/gate.h"

enum { PACE_MS = 5 };

/* Back and forth once: answers go out before new requests come in, and these go on to Telegram with this round's
 * writing. */
static bool on_turn(void *ctx)
{
    struct worker_thread *t = ctx;
    size_t n = atomic_load_explicit(&t->workers_n, memory_order_acquire);
    bool has_answers = false;

    for (size_t i = 0; i < n; i++)
        t->calls->take_jobs(t->workers[i]);
    for (size_t i = 0; i < n; i++)
        t->calls->deliver(t->workers[i]);
    bool more = host_turn(t);
    for (size_t i = 0; i < n; i++)
        has_answers |= t->calls->tend(t->workers[i]);
    return more || has_answers;
}

static void on_wake(void *ctx)
{
    struct worker_thread *t = ctx;
    size_t n = atomic_load_explicit(&t->workers_n, memory_order_acquire);

    atomic_store(&t->has_turned, true);
    pthread_mutex_lock(&t->lock);
    bool stop = t->stop;
    pthread_mutex_unlock(&t->lock);
    for (size_t i = 0; i < n && !t->ends; i++)
        t->calls->hear(t->workers[i]);
    host_take_in(t);
    if (!stop || t->ends)
        return;
    t->ends = true;
    for (size_t i = 0; i < n; i++)
        t->calls->stops(t->workers[i]);
    net_loop_stop(t->loop);
}

void worker_thread_pace(struct worker_thread *t)
{
    net_timer_set(t->pace, clock_mono_us(t->clock) + PACE_MS * 1000);
}

static void on_pace(void *ctx)
{
    struct worker_thread *t = ctx;
    bool goes = false;

    for (size_t i = 0; i < t->workers_n; i++)
        goes |= t->calls->goes(t->workers[i]);
    if (goes)
        worker_thread_pace(t);
}

static void step(struct worker_thread *t)
{
    worker_thread_pace(t);
    net_loop_step(t->loop);
}

static bool is_done(struct worker_thread *t)
{
    bool is_done = host_may_end(t);

    for (size_t i = 0; i < t->workers_n; i++)
        is_done &= t->calls->is_done(t->workers[i]);
    return is_done;
}

static bool is_loading(struct worker_thread *t)
{
    for (size_t i = 0; i < t->workers_n; i++)
        if (t->calls->is_loading(t->workers[i]))
            return true;
    return false;
}

static void *run(void *ctx)
{
    struct worker_thread *t = ctx;

    for (size_t i = 0; i < t->workers_n; i++)
        t->calls->begin(t->workers[i]);
    net_loop_run(t->loop);
    while (is_loading(t))
        step(t);
    for (size_t i = 0; i < t->workers_n; i++)
        t->calls->empty(t->workers[i]);
    while (!is_done(t))
        step(t);
    host_end(t);
    /* The guest has given its last answer. */
    for (size_t i = 0; i < t->workers_n; i++)
        t->calls->flush(t->workers[i]);
    for (size_t i = 0; i < t->workers_n; i++)
        while (!t->calls->is_kept(t->workers[i]))
            step(t);
    return NULL;
}

void worker_thread_wake(struct worker_thread *t)
{
    net_wake_signal(t->wake);
}

void worker_thread_add(struct worker_thread *t, struct worker *w)
{
    t->workers[t->workers_n] = w;
    atomic_fetch_add_explicit(&t->workers_n, 1, memory_order_release);
}

int worker_thread_new(const struct clock_source *clock, const struct lease_gate *gate, const struct worker_calls *calls,
                      struct worker_thread **ret)
{
    struct worker_thread *t = calloc(1, sizeof(*t));

    if (!t)
        return TGC_ENOMEM;
    t->calls = calls;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->hosted, NULL);
    int err = net_loop_new(clock, &t->loop);
    if (!err)
        t->clock = net_loop_clock(t->loop);
    if (!err && gate)
        err = net_gate_set(t->loop, gate);
    if (!err)
        err = net_wake_new(t->loop, on_wake, t, &t->wake);
    if (!err)
        err = net_timer_new(t->loop, on_pace, t, &t->pace);
    if (!err)
        err = host_init(t);
    if (err) {
        worker_thread_free(t);
        return err;
    }
    net_loop_on_turn(t->loop, on_turn, t);
    *ret = t;
    return 0;
}

int worker_thread_start(struct worker_thread *t)
{
    return pthread_create(&t->id, NULL, run, t) == 0 ? 0 : TGC_ESYSTEM;
}

void worker_thread_free(struct worker_thread *t)
{
    if (!t)
        return;
    net_timer_free(t->guest_due);
    net_timer_free(t->pace);
    net_wake_free(t->wake);
    net_loop_free(t->loop);
    pthread_cond_destroy(&t->hosted);
    pthread_mutex_destroy(&t->lock);
    free(t);
}
