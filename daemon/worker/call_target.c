#include "daemon/worker/call_target.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/tg/known/call_text.h"

/* Whether there is one is Telegram's to know, who is asked by the chat and never by the id alone. */
static struct problem *no_such_call(const char *account, int64_t id)
{
    struct problem *p = problem_new(PROBLEM_NOT_FOUND, 0, "account %s knows no call %" PRId64, account, id);

    problem_print_remedy(
        p,
        "GET /v1/calls?account=%s lists the calls that it knows; one that was made elsewhere is known once its chat "
        "was asked: GET /v1/peers/…/preflight?account=%s of the chat has the one that is there as "
        "\"running_call\"",
        account, account);
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
        op_reply_problem(job, no_such_call(tg_account_name(account), id));
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
    if (running)
        problem_print_remedy(p, "Use the call that the chat has now: /v1/calls/%" PRId64 "?account=%s", running->id,
                             tg_account_name(target->account));
    else
        problem_set_remedy(p, "Create a new call with POST /v1/calls");
    return p;
}

struct problem *call_target_problem(const struct call_target *target, const struct tg_step_outcome *outcome)
{
    const char *random_id = json_string_value(json_object_get(target->job->body, "random_id"));
    struct tg_trouble trouble = outcome->trouble;
    char look[OP_CALL_PATH_SIZE], remedy[OP_CALL_PATH_SIZE + 128];
    const struct tg_call *call;
    struct problem *p;
    json_t *peer;

    trouble.call_id = target->id;
    switch (outcome->end) {
    case TG_STEP_OVER:
        return call_has_ended(target, outcome->running);
    case TG_STEP_TROUBLE:
        op_call_path(target->account, target->id, look);
        if (random_id)
            snprintf(remedy, sizeof(remedy),
                     "It may have happened: repeat the request with \"random_id\": \"%.24s\", which Telegram takes for "
                     "the same",
                     random_id);
        else
            snprintf(remedy, sizeof(remedy),
                     "It may have happened: read GET %s, or repeat the request, which changes nothing twice", look);
        call = tg_calls_find(tg_account_calls(target->account), target->id);
        peer = call && call->has_peer ? json_integer(peer_marked_id(call->peer_kind, call->peer_id)) : NULL;
        trouble.peer = peer;
        p = op_problem_of_trouble(target->worker, target->account, &trouble, remedy);
        json_decref(peer);
        return p;
    default:
        return no_such_call(tg_account_name(target->account), target->id);
    }
}
