#include "daemon/worker/call_step.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/known/call_text.h"
#include "daemon/tg/call/chat.h"

struct run {
    struct call_target target;
    const char *method;
    json_t *params;
    call_step_done_fn *done;
    call_step_failed_fn *failed;
    void *ctx;
    bool asked_chat;
};

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

static void end_failed(struct run *r, struct problem *problem)
{
    r->failed(r->ctx, problem);
    json_decref(r->params);
    free(r);
}

static void send(struct run *r);

static struct problem *call_has_ended(int64_t id)
{
    return problem_new(PROBLEM_NOT_FOUND, 0, "the call %" PRId64 " has ended", id);
}

static void on_chat_call(void *ctx, struct tg_call *now, const struct tg_answer *failure)
{
    struct run *r = ctx;
    struct tg_call *call = tg_calls_find(tg_account_calls(r->target.account), r->target.id);

    if (failure) {
        end_failed(r, op_problem_of(r->target.worker, r->target.account, failure));
    } else if (now && call && now->id == r->target.id) {
        send(r); /* it lives, with whatever access hash it has now */
    } else {
        if (call)
            (void)!tg_known_call_ended(tg_account_known(r->target.account), call);
        struct problem *p = call_has_ended(r->target.id);
        if (now)
            problem_put(p, "running_call", tg_call_json(now, tg_account_name(r->target.account)));
        problem_set_remedy(p, now ? "Use the call that the chat has now" : "Create a new call with POST /v1/calls");
        end_failed(r, p);
    }
}

/* What is so already is what was asked for: that a call has ended is no success of a new title. */
static bool is_already_so(const struct run *r, const struct tg_answer *answer)
{
    static const struct {
        const char *error, *method; /* NULL: any */
    } table[] = {{"GROUPCALL_NOT_MODIFIED", NULL},
                 {"GROUPCALL_ALREADY_STARTED", "phone.startScheduledGroupCall"},
                 {"GROUPCALL_ALREADY_DISCARDED", "phone.discardGroupCall"}};

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (op_error_is(answer, table[i].error))
            return !table[i].method || strcmp(table[i].method, r->method) == 0;
    return false;
}

static void on_answer(void *ctx, const struct tg_answer *answer)
{
    struct run *r = ctx;
    struct tg_call *call = tg_calls_find(tg_account_calls(r->target.account), r->target.id);

    if (!call) { /* the oldest records go when there are too many */
        end_failed(r, no_such_call(r->target.id));
        return;
    }
    if (op_error_is(answer, "GROUPCALL_ALREADY_DISCARDED"))
        (void)!tg_known_call_ended(tg_account_known(r->target.account), call);
    if (op_error_is(answer, "GROUPCALL_ALREADY_STARTED") && call->state == TG_CALL_SCHEDULED)
        (void)!tg_known_call_started(tg_account_known(r->target.account), call);
    bool invalid = op_error_is(answer, "GROUPCALL_INVALID");
    if ((invalid || op_error_is(answer, "GROUPCALL_FORBIDDEN")) && !r->asked_chat && call->has_peer) {
        struct tg_peer *known =
            (struct tg_peer *)tg_peers_find(tg_account_peers(r->target.account), call->peer_kind, call->peer_id);
        struct tg_peer peer = known ? *known : (struct tg_peer){.kind = call->peer_kind, .id = call->peer_id};
        r->asked_chat = true;
        tg_chat_call_again(r->target.account, &peer, r->target.job->deadline_us, on_chat_call, r);
        return;
    }
    if (invalid) { /* the chat still shows it, or there is no chat to ask */
        end_failed(r, no_such_call(r->target.id));
        return;
    }
    if (answer->outcome != TG_RESULT && !is_already_so(r, answer)) {
        if (op_error_is(answer, "GROUPCALL_ALREADY_DISCARDED")) {
            struct problem *p = call_has_ended(r->target.id);
            problem_set_remedy(p, "Create a new call with POST /v1/calls");
            end_failed(r, p);
            return;
        }
        end_failed(r, op_problem_of(r->target.worker, r->target.account, answer));
        return;
    }
    r->done(r->ctx, call, answer->outcome == TG_RESULT ? answer : NULL);
    json_decref(r->params);
    free(r);
}

static void send(struct run *r)
{
    struct worker *w = r->target.worker;
    const struct tl_comb *method = tl_find_method(w->env.schema, r->method);
    struct tg_call *call = tg_calls_find(tg_account_calls(r->target.account), r->target.id);
    struct fault fault = {0};
    int err = TGC_ENOMEM;

    if (!method) {
        end_failed(r, op_problem_no_method(w, r->method));
        return;
    }
    if (call && json_object_set_new(r->params, "call", tg_call_input(call)) == 0) {
        struct tg_ask ask = {.method = method,
                             .params = r->params,
                             .deadline_us = r->target.job->deadline_us,
                             .flags = TG_INVOKE_REPEATABLE,
                             .effect = {.what = TG_EFFECT_CALL, .id = r->target.id},
                             .done = on_answer,
                             .ctx = r};
        err = tg_invoke(r->target.account, &ask, &fault);
    }
    if (err)
        end_failed(r, op_problem_of_fault(w, r->target.account, method, err, &fault));
}

void call_step_run(const struct call_target *target, const char *method, json_t *params, call_step_done_fn *done,
                   call_step_failed_fn *failed, void *ctx)
{
    struct run *r = calloc(1, sizeof(*r));

    if (!r || !params) {
        free(r);
        json_decref(params);
        failed(ctx, problem_new(PROBLEM_INTERNAL, 0, "out of memory"));
        return;
    }
    *r = (struct run){*target, method, params, done, failed, ctx, false};
    send(r);
}
