#include "daemon/worker/call_target.h"

#include <inttypes.h>

#include "daemon/tg/known/call_text.h"

static struct problem *no_such_call(int64_t id)
{
    struct problem *p = problem_new(PROBLEM_NOT_FOUND, 0, "there is no call %" PRId64, id);

    problem_set_remedy(p, "List the calls with GET /v1/calls, or create one with POST /v1/calls");
    return p;
}

struct tg_call *call_target_find(struct worker *w, struct job *job, struct call_target *target)
{
    struct problem *problem = NULL;
    int64_t id = op_call_id(job);
    struct tg_account *account = accounts_of_job(&w->accounts, job, &problem);

    if (!account) {
        op_reply_problem(job, problem);
        return NULL;
    }
    struct tg_call *call = tg_calls_find(tg_account_calls(account), id);
    if (!call) {
        op_reply_problem(job, no_such_call(id));
        return NULL;
    }
    *target = (struct call_target){w, job, account, id};
    return call;
}

static struct problem *call_has_ended(const struct call_target *target, const struct tg_call *running)
{
    struct problem *p = problem_new(PROBLEM_NOT_FOUND, 0, "the call %" PRId64 " has ended", target->id);

    if (running)
        problem_put(p, "running_call", tg_call_json(running, tg_account_name(target->account)));
    problem_set_remedy(p, running ? "Use the call that the chat has now" : "Create a new call with POST /v1/calls");
    return p;
}

struct problem *call_target_problem(const struct call_target *target, const struct tg_step_outcome *outcome)
{
    switch (outcome->end) {
    case TG_STEP_OVER:
        return call_has_ended(target, outcome->running);
    case TG_STEP_TROUBLE:
        return op_problem_of_trouble(target->worker, target->account, &outcome->trouble,
                                     "It may have happened: read GET /v1/calls/{id}, or repeat the request, which "
                                     "changes nothing twice");
    default:
        return no_such_call(target->id);
    }
}
