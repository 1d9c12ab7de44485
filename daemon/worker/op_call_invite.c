/* POST /v1/calls/{id}/invitations and /v1/calls/{id}/invite-link. */
#include "daemon/worker/call_act.h"

void op_call_invite(struct worker *w, struct job *job)
{
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

void op_call_invite_link(struct worker *w, struct job *job)
{
    json_t *params = json_object();

    call_act_copy(&params, job->body, "can_self_unmute", "can_self_unmute");
    call_act(w, job, "phone.exportGroupCallInvite", params, reply_link);
}
