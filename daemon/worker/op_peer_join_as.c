/* GET, PUT /v1/peers/{peer}/join-as. */
#include "daemon/worker/peer_act.h"

static void reply_peers(struct worker *w, struct job *job, struct tg_account *account, const json_t *peer,
                        const struct tg_answer *answer)
{
    json_t *tree = op_tree(w, job, account, answer);

    (void)peer;
    if (!tree)
        return;
    json_object_del(tree, "_");
    op_reply_json(job, 200, tree);
}

void op_peer_join_as(struct worker *w, struct job *job)
{
    peer_act(w, job, "phone.getGroupCallJoinAs", json_object(), false, reply_peers, NULL);
}

static void reply_saved(struct worker *w, struct job *job, struct tg_account *account, const json_t *peer,
                        const struct tg_answer *answer)
{
    (void)w, (void)account, (void)peer, (void)answer;
    op_reply_text(job, 204);
}

void op_peer_join_as_save(struct worker *w, struct job *job)
{
    peer_act(w, job, "phone.saveDefaultGroupCallJoinAs",
             json_pack("{s:O}", "join_as", json_object_get(job->body, "join_as")), true, reply_saved, NULL);
}
