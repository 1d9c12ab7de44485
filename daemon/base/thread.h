/* A thread of the daemon's own: with a small stack, and without signals, which are one thread's business. */
#ifndef TGCALLD_BASE_THREAD_H
#define TGCALLD_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/clock.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"

/* TGC_ESYSTEM; FAULT then says that WHAT ("the store's thread") cannot be started, and why. */
int thread_start(pthread_t *ret, size_t stack_size, void *(*run)(void *ctx), void *ctx, const char *what,
                 struct fault *fault) TGC_MUST;

/* Waits for CAME, with LOCK held, until UNTIL_US on CLOCK, one that runs on (clock_system's kind); INT64_MAX: for ever.
 * False: that is over, and there was no wait. Like any wait for a condition it may end for nothing. */
bool thread_await(pthread_cond_t *came, pthread_mutex_t *lock, const struct clock_source *clock, int64_t until_us);

#endif
