/* One worker's part of the front end: for each listener a libmicrohttpd of its own without threads, the connections
 * that they took, and the timer of what these may take their time for. It is a guest on the worker's loop
 * (bridge/guest.h), and all of it belongs to that thread, but for front_done(). */
#ifndef TGCALLD_API_FRONT_H
#define TGCALLD_API_FRONT_H

#include <pthread.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/bridge/guest.h"
#include "daemon/bridge/job.h"

struct api;
struct front;
struct request;

/* One of COUNT, each of which gets its share of the connections that a listener may have. On any thread, before the
 * first turn. */
int front_new(struct api *api, size_t count, struct front **ret, struct fault *fault) TGC_MUST;
/* After its close(), or before its first turn. NULL is fine. */
void front_free(struct front *f);

struct guest *front_guest(struct front *f);

/* Another turn, soon, where its host still has it. Any thread. */
void front_wake(struct front *f);

/* Who has posted a job, and hears of its answer on his front's thread: by back(), to whom the job belongs from there
 * on. */
struct asker {
    struct front *front;
    pthread_t thread; /* its front's */
    void (*back)(struct asker *w, struct job *job);
};

/* What done() of such a job is, its done_ctx being the asker. On the thread of the worker that had it last. */
void front_done(struct job *job);

/* R's job is back, or it has waited long enough: its connection goes on with the next turn. */
void front_resume(struct request *r);
#endif
