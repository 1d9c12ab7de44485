#include "daemon/base/thread.h"

#include <signal.h>
#include <string.h>

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
