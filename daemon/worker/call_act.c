#include "daemon/worker/call_act.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/tl/text.h"
#include "daemon/worker/peer_params.h"

struct call_act {
    struct call_target target;
    const char *method;
    json_t *params;
    call_act_reply *reply;
};

static void on_step(void *ctx, const struct tg_step_outcome *outcome)
{
    struct call_act act = *(struct call_act *)ctx;

    free(ctx);
    if (outcome->end == TG_STEP_DONE)
        act.reply(&act.target, outcome);
    else
        op_reply_problem(act.target.job, call_target_problem(&act.target, outcome));
}

static void on_peers(void *ctx, bool ok, struct problem *problem)
{
    struct call_act *act = ctx;
    json_t *params = act->params;

    act->params = NULL;
    if (ok) {
        tg_call_step_gated(act->target.account, act->target.id, act->method, params, act->target.job->deadline_us,
                           act->target.job->gate, on_step, act);
        return;
    }
    struct job *job = act->target.job;
    json_decref(params);
    free(act);
    op_reply_problem(job, problem);
}

void call_act(struct worker *w, struct job *job, const char *method, json_t *params, call_act_reply *reply)
{
    const struct tl_comb *comb = tl_find_method(w->env.schema, method);
    struct call_act *act = malloc(sizeof(*act));

    if (!act || !params) {
        op_reply_no_memory(job);
    } else if (!comb) {
        op_reply_problem(job, op_problem_no_method(w, method));
    } else if (call_target_find(w, job, &act->target)) {
        act->method = method;
        act->params = params;
        act->reply = reply;
        peer_params_resolve(w, act->target.account, comb, params, job->deadline_us, on_peers, act);
        return;
    }
    json_decref(params);
    free(act);
}

void call_act_copy(json_t **params, const json_t *body, const char *from, const char *to)
{
    json_t *value = json_object_get(body, from);

    if (!*params || !value || json_object_set(*params, to, value) == 0)
        return;
    json_decref(*params);
    *params = NULL;
}

void call_act_untold(const struct call_target *target, const struct tg_answer *answer, int err, struct fault *fault)
{
    char look[OP_CALL_PATH_SIZE], remedy[OP_CALL_PATH_SIZE + 32];

    op_call_path(target->account, target->id, look);
    snprintf(remedy, sizeof(remedy), "It was done: read GET %s", look);
    op_reply_problem(target->job, op_problem_untold(target->worker, target->account, answer, err, fault, remedy));
}

void call_act_reply_updates(const struct call_target *target, const struct tg_step_outcome *outcome)
{
    const struct tg_answer *answer = outcome->answer;
    struct buf *text = &target->job->text;
    struct fault fault = {0};
    int err = 0;

    buf_reset(text);
    buf_put_byte(text, '{');
    if (answer) {
        buf_put_text(text, "\"updates\":");
        err = tl_text_result(target->worker->env.schema, answer->method, answer->data, answer->len, text, NULL, &fault);
    }
    buf_put_byte(text, '}');
    if (!err)
        err = buf_err(text);
    if (!err)
        op_reply_text(target->job, 200);
    else
        call_act_untold(target, answer ? answer : &(struct tg_answer){.executed = true}, err, &fault);
}
