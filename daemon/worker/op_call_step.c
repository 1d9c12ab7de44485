/* POST /v1/calls/{id}/start and DELETE /v1/calls/{id}: one method each. */
#include <stdlib.h>

#include "daemon/worker/call_target.h"

static void on_step(void *ctx, const struct tg_step_outcome *outcome)
{
    struct call_target target = *(struct call_target *)ctx;
    struct job *job = target.job;

    free(ctx);
    if (outcome->end != TG_STEP_DONE)
        op_reply_problem(job, call_target_problem(&target, outcome));
    else if (!outcome->answer)
        op_reply_call(job, 200, target.account, outcome->call, NULL);
    else
        op_reply_done(target.worker, job, 200, target.account, outcome->call, outcome->answer);
}

static void run(struct worker *w, struct job *job, const char *method)
{
    struct call_target *target = malloc(sizeof(*target));

    if (!target)
        op_reply_no_memory(job);
    else if (!call_target_find(w, job, target))
        free(target);
    else
        tg_call_step(target->account, target->id, method, json_object(), job->deadline_us, on_step, target);
}

void op_call_start(struct worker *w, struct job *job)
{
    run(w, job, "phone.startScheduledGroupCall");
}

void op_call_discard(struct worker *w, struct job *job)
{
    run(w, job, "phone.discardGroupCall");
}
