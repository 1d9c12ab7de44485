/* The worker as the host of a guest (bridge/guest.h). */
#include "daemon/worker/worker_internal.h"

enum { HOSTING = 1 };

static void on_readable(void *ctx)
{
    const struct guest_watch *watch = ctx;
    struct guest *guest = watch->worker->guest;

    guest->readable(guest->ctx, watch->i);
}

static void on_guest_due(void *ctx)
{
    struct worker *w = ctx;

    w->guest_due_us = INT64_MAX; /* its turn comes with the end of this round */
}

static void wake_for_guest(void *host)
{
    struct worker *w = host;

    net_wake_signal(w->wake);
}

static void unwatch(struct worker *w)
{
    for (size_t i = 0; i < w->guest->fds_n; i++) {
        net_watch_free(w->watches[i].watch);
        w->watches[i].watch = NULL;
    }
}

static int take_in(struct worker *w, struct guest *guest)
{
    int err = 0;

    w->guest = guest;
    guest->host = w;
    guest->wake = wake_for_guest;
    for (size_t i = 0; i < guest->fds_n && !err; i++) {
        w->watches[i] = (struct guest_watch){.worker = w, .i = i};
        err = net_watch_new(w->loop, guest->fds[i], on_readable, &w->watches[i], &w->watches[i].watch);
    }
    if (err) {
        unwatch(w);
        w->guest = NULL;
    }
    return err;
}

void host_take_in(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    if (w->arriving) {
        w->arrived = take_in(w, w->arriving);
        w->arriving = NULL;
        pthread_cond_signal(&w->hosted);
    }
    pthread_mutex_unlock(&w->lock);
}

int worker_host(struct worker *w, struct guest *guest)
{
    pthread_mutex_lock(&w->lock);
    w->arriving = guest;
    w->arrived = HOSTING;
    net_wake_signal(w->wake);
    while (w->arrived == HOSTING)
        pthread_cond_wait(&w->hosted, &w->lock);
    int err = w->arrived;
    pthread_mutex_unlock(&w->lock);
    return err;
}

bool host_turn(struct worker *w)
{
    if (!w->guest)
        return false;
    int64_t due_us = w->guest->turn(w->guest->ctx);
    if (due_us < w->guest_due_us) {
        w->guest_due_us = due_us;
        net_timer_set(w->guest_due, due_us);
    }
    return due_us <= clock_mono_us(w->env.clock);
}

bool host_may_end(struct worker *w)
{
    return !w->guest || w->guest->leave(w->guest->ctx);
}

void host_end(struct worker *w)
{
    if (!w->guest)
        return;
    unwatch(w);
    w->guest->close(w->guest->ctx);
}

int host_init(struct worker *w)
{
    w->guest_due_us = INT64_MAX;
    return net_timer_new(w->loop, on_guest_due, w, &w->guest_due);
}
