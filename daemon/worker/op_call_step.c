/* POST /v1/calls/{id}/start and DELETE /v1/calls/{id}. */
#include "daemon/worker/call_act.h"

static void reply_call(const struct call_target *target, const struct tg_step_outcome *outcome)
{
    if (!outcome->answer)
        op_reply_call(target->job, 200, target->account, outcome->call, NULL);
    else
        op_reply_done(target->worker, target->job, 200, target->account, outcome->call, outcome->answer);
}

void op_call_start(struct worker *w, struct job *job)
{
    call_act(w, job, "phone.startScheduledGroupCall", json_object(), reply_call);
}

void op_call_discard(struct worker *w, struct job *job)
{
    call_act(w, job, "phone.discardGroupCall", json_object(), reply_call);
}
