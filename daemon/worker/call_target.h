/* The call of the path's {id}, and how what went wrong with it is told. The worker's thread. */
#ifndef TGCALLD_WORKER_CALL_TARGET_H
#define TGCALLD_WORKER_CALL_TARGET_H

#include "daemon/tg/call/step.h"
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
/* The problem of a step that was not done; NULL where memory is gone. */
struct problem *call_target_problem(const struct call_target *target, const struct tg_step_outcome *outcome);

#endif
