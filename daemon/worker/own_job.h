/* What the daemon asks of itself, as a client would: a schedule's or a wish's requests. With a key it is an intent like
 * any other (journal.h): who asks again under the same key with the same words, after kill -9 too, comes to the same
 * intent and its answer, for a day. Keys are the daemon's own, and no token's. The worker's thread. */
#ifndef TGCALLD_WORKER_OWN_JOB_H
#define TGCALLD_WORKER_OWN_JOB_H

#include "daemon/base/err.h"
#include "daemon/bridge/job.h"

struct worker;
struct own_job;

struct own_order {
    enum job_method method;
    const char *account;         /* one of this worker's; that it is still there the operation sees */
    json_t *path, *query, *body; /* taken in any case; NULL: empty */
    /* What it is for, at most JOB_KEY_MAX bytes: "schedule NAME 1764000000 create". NULL: a read, which is no intent.
     */
    const char *key;
    const char *name; /* stands for a request id, in logs and problems */
};

/* JOB has the answer, as for any client: a problem, or a status with a text; borrowed. Called once, maybe before
 * own_job_ask() returns. A 504 or a wait ends the waiting alone; a problem may also be that the worker stops. */
typedef void own_job_fn(void *ctx, const struct job *job);

/* Asks within the usual time for a request. *RET is the job while it is under way, and NULL as soon as it is answered,
 * before that is told; RET stays where it is until then, or until own_job_leave(). TGC_ENOMEM: nothing was asked, and
 * no call comes. */
int own_job_ask(struct worker *w, struct own_order *order, own_job_fn *answered, void *ctx,
                struct own_job **ret) TGC_MUST;
/* Nobody waits for it any more; what was asked goes on. NULL is fine. */
void own_job_leave(struct own_job *own);

enum own_job_rest {
    OWN_JOB_NOTHING, /* nothing of it went out, and nothing will: it is forgotten */
    OWN_JOB_COMES,   /* it is under way, or answered: who asks again hears, and nothing is done that is not anyway */
    OWN_JOB_DOUBT, /* it may have been carried out, and is not under way: who asks again may have it carried out now */
};

/* Nobody wants it any more: what is left of it. What is under way and was not left (own_job_leave()) comes. PATH as in
 * the order, borrowed; NULL: empty. */
enum own_job_rest own_job_withdraw(struct worker *w, enum job_method method, const json_t *path, const char *key);

/* What came of it is written down elsewhere, so that nobody asks for it again: one that is not under way need not
 * be remembered for its day. PATH as in the order, borrowed; NULL: empty. */
void own_job_settle(struct worker *w, enum job_method method, const json_t *path, const char *key);

#endif
