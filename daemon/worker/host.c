/* A thread as the host of a guest (bridge/guest.h). */
#include "daemon/worker/thread.h"

enum { HOSTING = 1 };

static void on_readable(void *ctx)
{
    const struct guest_watch *watch = ctx;
    struct guest *guest = watch->thread->guest;

    guest->readable(guest->ctx, watch->i);
}

static void on_guest_due(void *ctx)
{
    struct worker_thread *t = ctx;

    t->guest_due_us = INT64_MAX; /* its turn comes with the end of this round */
}

static void wake_for_guest(void *host)
{
    struct worker_thread *t = host;

    net_wake_signal(t->wake);
}

static void unwatch(struct worker_thread *t)
{
    for (size_t i = 0; i < t->guest->fds_n; i++) {
        net_watch_free(t->watches[i].watch);
        t->watches[i].watch = NULL;
    }
}

static int take_in(struct worker_thread *t, struct guest *guest)
{
    int err = 0;

    t->guest = guest;
    guest->host = t;
    guest->wake = wake_for_guest;
    for (size_t i = 0; i < guest->fds_n && !err; i++) {
        t->watches[i] = (struct guest_watch){.thread = t, .i = i};
        err = net_watch_new(t->loop, guest->fds[i], on_readable, &t->watches[i], &t->watches[i].watch);
    }
    if (err) {
        unwatch(t);
        t->guest = NULL;
    }
    return err;
}

void host_take_in(struct worker_thread *t)
{
    pthread_mutex_lock(&t->lock);
    if (t->arriving) {
        t->arrived = take_in(t, t->arriving);
        t->arriving = NULL;
        pthread_cond_signal(&t->hosted);
    }
    pthread_mutex_unlock(&t->lock);
}

int worker_thread_host(struct worker_thread *t, struct guest *guest)
{
    pthread_mutex_lock(&t->lock);
    t->arriving = guest;
    t->arrived = HOSTING;
    net_wake_signal(t->wake);
    while (t->arrived == HOSTING)
        pthread_cond_wait(&t->hosted, &t->lock);
    int err = t->arrived;
    pthread_mutex_unlock(&t->lock);
    return err;
}

bool host_turn(struct worker_thread *t)
{
    if (!t->guest)
        return false;
    int64_t due_us = t->guest->turn(t->guest->ctx);
    if (due_us < t->guest_due_us) {
        t->guest_due_us = due_us;
        net_timer_set(t->guest_due, due_us);
    }
    return due_us <= clock_mono_us(t->clock);
}

bool host_may_end(struct worker_thread *t)
{
    return !t->guest || t->guest->leave(t->guest->ctx);
}

void host_end(struct worker_thread *t)
{
    if (!t->guest)
        return;
    unwatch(t);
    t->guest->close(t->guest->ctx);
}

int host_init(struct worker_thread *t)
{
    t->guest_due_us = INT64_MAX;
    return net_timer_new(t->loop, on_guest_due, t, &t->guest_due);
}
