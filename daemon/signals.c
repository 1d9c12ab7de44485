#include "daemon/signals.h"

#include <pthread.h>
#include <time.h>

void signals_block(sigset_t *ret_set)
{
    sigemptyset(ret_set);
    sigaddset(ret_set, SIGINT);
    sigaddset(ret_set, SIGTERM);
    sigaddset(ret_set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, ret_set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

int signals_wait(const sigset_t *set)
{
    int got = 0;

    while (sigwait(set, &got) != 0) {
    }
    return got;
}

bool signals_came(const sigset_t *set)
{
    bool came = false;
    int got;

    while ((got = sigtimedwait(set, NULL, &(struct timespec){0})) > 0)
        came = came || got != SIGHUP;
    return came;
}

void signals_release(const sigset_t *set)
{
    sigset_t some = *set;

    sigdelset(&some, SIGHUP);
    pthread_sigmask(SIG_UNBLOCK, &some, NULL);
}
