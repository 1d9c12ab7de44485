/* GET /v1/calls/{id}: the call as Telegram has it now. */
#include <stdlib.h>

#include "daemon/tl/tree.h"
#include "daemon/worker/call_step.h"

struct get {
    struct call_target target;
};

static void reply_ended(struct job *job, struct tg_account *account, const struct tg_call *call)
{
    json_t *group_call = tg_call_input(call);

    json_object_set_new(group_call, "_", json_string("groupCallDiscarded"));
    json_object_set_new(group_call, "duration", json_integer(call->duration < 0 ? 0 : call->duration));
    op_reply_call(job, 200, account, call,
                  json_pack("{s:o, s:[], s:s, s:[], s:[]}", "group_call", group_call, "participants",
                            "participants_next_offset", "", "chats", "users"));
}

static void on_done(void *ctx, struct tg_call *call, const struct tg_answer *answer)
{
    static const char *const members[] = {"participants", "participants_next_offset", "chats", "users"};
    struct get *g = ctx;
    struct job *job = g->target.job;
    struct tg_account *account = g->target.account;
    struct worker *w = g->target.worker;
    struct fault fault = {0};
    json_t *tree = NULL;

    free(g);
    if (!answer) {
        reply_ended(job, account, call);
        return;
    }
    int err = tl_tree_result(w->env.schema, answer->method, answer->data, answer->len, &tree, NULL, &fault);
    if (err) {
        op_reply_fault(w, job, account, answer->method, err, &fault);
        return;
    }
    json_t *extra = json_pack("{s:O}", "group_call", json_object_get(tree, "call"));
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        json_object_set(extra, members[i], json_object_get(tree, members[i]));
    json_decref(tree);
    op_reply_call(job, 200, account, call, extra);
}

static void on_failed(void *ctx, struct problem *problem)
{
    struct get *g = ctx;
    struct job *job = g->target.job;
    struct tg_call *call = tg_calls_find(tg_account_calls(g->target.account), g->target.id);
    struct tg_account *account = g->target.account;

    free(g);
    /* That it has ended is an answer too. */
    if (problem && problem_slug_of(problem) == PROBLEM_NOT_FOUND && call && call->state == TG_CALL_DISCARDED) {
        problem_free(problem);
        reply_ended(job, account, call);
        return;
    }
    op_reply_problem(job, problem);
}

void op_call_get(struct worker *w, struct job *job)
{
    struct get *g = malloc(sizeof(*g));
    const json_t *limit = json_object_get(job->query, "limit");
    struct tg_call *call;

    if (!g) {
        op_reply_no_memory(job);
        return;
    }
    call = call_target_find(w, job, &g->target);
    if (!call) {
        free(g);
        return;
    }
    if (call->state == TG_CALL_DISCARDED) {
        struct tg_account *account = g->target.account;
        free(g);
        reply_ended(job, account, call);
        return;
    }
    call_step_run(&g->target, "phone.getGroupCall", json_pack("{s:I}", "limit", limit ? json_integer_value(limit) : 0),
                  on_done, on_failed, g);
}
