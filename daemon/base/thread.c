#include "daemon/base/thread.h"

#include <signal.h>
#include <string.h>
#include <time.h>

int thread_start(pthread_t *ret, size_t stack_size, void *(*run)(void *ctx), void *ctx, const char *what,
                 struct fault *fault)
{
    pthread_attr_t attr;
    sigset_t all, before;
    int failed = pthread_attr_init(&attr);

    if (!failed) {
        pthread_attr_setstacksize(&attr, stack_size);
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        failed = pthread_create(ret, &attr, run, ctx);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        pthread_attr_destroy(&attr);
    }
    return failed ? fault_set(fault, TGC_ESYSTEM, "cannot start %s: %s", what, strerror(failed)) : 0;
}

/* A condition can wait by CLOCK_MONOTONIC, which stands still while the machine sleeps, and not by the clock of all
 * else. */
bool thread_await(pthread_cond_t *came, pthread_mutex_t *lock, const struct clock_source *clock, int64_t until_us)
{
    struct timespec at;

    if (until_us == INT64_MAX) {
        pthread_cond_wait(came, lock);
        return true;
    }
    int64_t left_us = until_us - clock_mono_us(clock);
    if (left_us <= 0)
        return false;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += left_us / SECOND_US;
    at.tv_nsec += left_us % SECOND_US * 1000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    pthread_cond_clockwait(came, lock, CLOCK_MONOTONIC, &at);
    return true;
}
