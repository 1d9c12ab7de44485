#include "daemon/signals.h"

#include <pthread.h>
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/thread.h"

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

    if (!s)
        return TGC_ENOMEM;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->came, NULL);
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

int signals_wait_until(struct signals *s, int64_t due_us)
{
    int got;

    pthread_mutex_lock(&s->lock);
    while (!s->reload && !s->stop && !s->is_nudged && thread_await(&s->came, &s->lock, &clock_system, due_us))
        ;
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
