#include "daemon/signals.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/base/clock.h"

struct signals {
    pthread_t thread;
    sigset_t set;
    pthread_mutex_t lock;
    pthread_cond_t came;
    bool reload; /* a SIGHUP that was not given out */
    bool is_nudged;
    int stop;       /* the signal that asked for the stop; 0 */
    unsigned stops; /* how many came */
};

/* What would have happened without us. */
static void end_process(int signum)
{
    sigset_t one;

    sigemptyset(&one);
    sigaddset(&one, signum);
    signal(signum, SIG_DFL);
    raise(signum);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
}

static void *take(void *ctx)
{
    struct signals *s = ctx;
    int got;

    for (;;) {
        if (sigwait(&s->set, &got) != 0)
            continue;
        pthread_mutex_lock(&s->lock);
        if (got == SIGHUP)
            s->reload = true;
        else if (++s->stops == 1)
            s->stop = got;
        unsigned stops = s->stops;
        pthread_cond_signal(&s->came);
        pthread_mutex_unlock(&s->lock);
        if (got != SIGHUP && stops > 2)
            end_process(got);
    }
    return NULL;
}

int signals_new(struct signals **ret)
{
    struct signals *s = calloc(1, sizeof(*s));
    pthread_condattr_t by_clock;

    if (!s)
        return TGC_ENOMEM;
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&by_clock);
    pthread_condattr_setclock(&by_clock, CLOCK_MONOTONIC);
    pthread_cond_init(&s->came, &by_clock);
    pthread_condattr_destroy(&by_clock);
    sigemptyset(&s->set);
    sigaddset(&s->set, SIGINT);
    sigaddset(&s->set, SIGTERM);
    sigaddset(&s->set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &s->set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of writing */
    if (pthread_create(&s->thread, NULL, take, s) != 0) {
        free(s);
        return TGC_ESYSTEM;
    }
    *ret = s;
    return 0;
}

void signals_free(struct signals *s)
{
    if (!s)
        return;
    /* It holds the lock at no cancellation point: sigwait() is the only one. */
    pthread_cancel(s->thread);
    pthread_join(s->thread, NULL);
    pthread_cond_destroy(&s->came);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

int signals_wait(struct signals *s)
{
    return signals_wait_until(s, INT64_MAX);
}

/* A condition can wait by CLOCK_MONOTONIC, which stands still while the machine sleeps, and not by the clock of all
 * else. */
static struct timespec due_of_condition(int64_t due_us)
{
    int64_t left_us = due_us - clock_mono_us(&clock_system);
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    if (left_us <= 0)
        return t;
    t.tv_sec += left_us / SECOND_US;
    t.tv_nsec += left_us % SECOND_US * 1000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

int signals_wait_until(struct signals *s, int64_t due_us)
{
    const bool is_endless = due_us == INT64_MAX;
    const struct timespec due = is_endless ? (struct timespec){0} : due_of_condition(due_us);
    int got, err = 0;

    pthread_mutex_lock(&s->lock);
    while (!s->reload && !s->stop && !s->is_nudged && !err)
        err = is_endless ? pthread_cond_wait(&s->came, &s->lock) : pthread_cond_timedwait(&s->came, &s->lock, &due);
    got = s->reload ? SIGHUP : s->stop;
    s->reload = s->is_nudged = false;
    pthread_mutex_unlock(&s->lock);
    return got;
}

void signals_nudge(struct signals *s)
{
    pthread_mutex_lock(&s->lock);
    s->is_nudged = true;
    pthread_cond_signal(&s->came);
    pthread_mutex_unlock(&s->lock);
}

bool signals_hurry(struct signals *s)
{
    pthread_mutex_lock(&s->lock);
    bool hurry = s->stops > 1;
    pthread_mutex_unlock(&s->lock);
    return hurry;
}
