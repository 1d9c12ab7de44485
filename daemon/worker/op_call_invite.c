/* POST /v1/calls/{id}/invitations and /v1/calls/{id}/invite-link. */
#include "daemon/worker/call_act.h"
#include "daemon/worker/op_call_conference.h"

void op_call_invite(struct worker *w, struct job *job)
{
    struct call_target target;
    const struct tg_call *call = call_target_find(w, job, &target);

    if (!call)
        return;
    if (call->conference)
        call_conference_invite(&target);
    else
        call_act(w, job, "phone.inviteToGroupCall", json_pack("{s:O}", "users", json_object_get(job->body, "users")),
                 call_act_reply_updates);
}

static void reply_link(const struct call_target *target, const struct tg_step_outcome *outcome)
{
    json_t *tree = op_tree(target->worker, target->job, target->account, outcome->answer);

    if (!tree)
        return;
    op_reply_json(target->job, 200, json_pack("{s:O}", "link", json_object_get(tree, "link")));
    json_decref(tree);
}

static void export_link(struct worker *w, struct job *job)
{
    json_t *params = json_object();

    call_act_copy(&params, job->body, "can_self_unmute", "can_self_unmute");
    call_act(w, job, "phone.exportGroupCallInvite", params, reply_link);
}

/* A conference has one link, which Telegram shows with the call; what it exports are links of chats. */
static void reply_conference_link(const struct call_target *target, const struct tg_step_outcome *outcome)
{
    if (outcome->call->invite_link)
        op_reply_json(target->job, 200, json_pack("{s:s}", "link", outcome->call->invite_link));
    else
        export_link(target->worker, target->job);
}

void op_call_invite_link(struct worker *w, struct job *job)
{
    struct call_target target;
    const struct tg_call *call = call_target_find(w, job, &target);

    if (!call)
        return;
    if (call->conference)
        call_act(w, job, "phone.getGroupCall", json_pack("{s:i}", "limit", 1), reply_conference_link);
    else
        export_link(w, job);
}
