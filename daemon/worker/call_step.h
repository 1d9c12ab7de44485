/* One method run on a known call, as start, discard and the settings need it: the stale-call rule (GROUPCALL_INVALID is
 * believed only after the chat was asked once), and "already so" as success. The worker's thread. */
#ifndef TGCALLD_WORKER_CALL_STEP_H
#define TGCALLD_WORKER_CALL_STEP_H

#include "daemon/worker/op.h"

struct call_target {
    struct worker *worker;
    struct job *job;
    struct tg_account *account;
    int64_t id;
};

/* Fills TARGET from the path's {id} and the account rules and gives the call's record; where that fails the job is
 * answered and NULL returned. */
struct tg_call *call_target_find(struct worker *w, struct job *job, struct call_target *target);

/* ANSWER is NULL where nothing had to be changed (Telegram said that it is so already). CALL is the record, borrowed.
 */
typedef void call_step_done_fn(void *ctx, struct tg_call *call, const struct tg_answer *answer);
/* Ends with a problem, owned by the callee; APPLIED steps may be added to it. */
typedef void call_step_failed_fn(void *ctx, struct problem *problem);

/* METHOD with PARAMS (stolen; `call` is added). One of the two is called once. */
void call_step_run(const struct call_target *target, const char *method, json_t *params, call_step_done_fn *done,
                   call_step_failed_fn *failed, void *ctx);

#endif
