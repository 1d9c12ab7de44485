/* A thread of the daemon's own: with a small stack, and without signals, which are one thread's business. */
#ifndef TGCALLD_BASE_THREAD_H
#define TGCALLD_BASE_THREAD_H

#include <pthread.h>
#include <stddef.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

/* TGC_ESYSTEM; FAULT then says that WHAT ("the store's thread") cannot be started, and why. */
int thread_start(pthread_t *ret, size_t stack_size, void *(*run)(void *ctx), void *ctx, const char *what,
                 struct fault *fault) TGC_MUST;

#endif
