/* GET /v1/calls/{id}: the call as Telegram has it now. */
#include <stdlib.h>

#include "daemon/worker/call_target.h"

static void reply_ended(struct job *job, struct tg_account *account, const struct tg_call *call)
{
    json_t *group_call = tg_call_input(call);

    json_object_set_new(group_call, "_", json_string("groupCallDiscarded"));
    json_object_set_new(group_call, "duration", json_integer(call->duration < 0 ? 0 : call->duration));
    op_reply_call(job, 200, account, call,
                  json_pack("{s:o, s:[], s:s, s:[], s:[]}", "group_call", group_call, "participants",
                            "participants_next_offset", "", "chats", "users"));
}

static void reply_read(const struct call_target *target, const struct tg_call *call, const struct tg_answer *answer)
{
    static const char *const members[] = {"participants", "participants_next_offset", "chats", "users"};
    json_t *tree = op_tree(target->worker, target->job, target->account, answer);

    if (!tree)
        return;
    json_t *extra = json_pack("{s:O}", "group_call", json_object_get(tree, "call"));
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        json_object_set(extra, members[i], json_object_get(tree, members[i]));
    json_decref(tree);
    op_reply_call(target->job, 200, target->account, call, extra);
}

static void on_read(void *ctx, const struct tg_step_outcome *outcome)
{
    struct call_target target = *(struct call_target *)ctx;
    const struct tg_call *call = outcome->call;

    free(ctx);
    if (outcome->answer)
        reply_read(&target, call, outcome->answer);
    else if (outcome->end != TG_STEP_TROUBLE && call && call->state == TG_CALL_DISCARDED)
        reply_ended(target.job, target.account, call); /* that it has ended is an answer too */
    else
        op_reply_problem(target.job, call_target_problem(&target, outcome));
}

void op_call_get(struct worker *w, struct job *job)
{
    const json_t *limit = json_object_get(job->query, "limit");
    struct call_target *target = malloc(sizeof(*target));
    struct tg_call *call;

    if (!target) {
        op_reply_no_memory(job);
        return;
    }
    call = call_target_find(w, job, target);
    if (call && call->state == TG_CALL_DISCARDED)
        reply_ended(job, target->account, call);
    if (!call || call->state == TG_CALL_DISCARDED)
        free(target);
    else
        tg_call_step(target->account, target->id, "phone.getGroupCall",
                     json_pack("{s:I}", "limit", limit ? json_integer_value(limit) : 0), job->deadline_us, on_read,
                     target);
}
