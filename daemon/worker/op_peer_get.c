/* GET /v1/peers/{peer}: who that is, read anew. */
#include "daemon/worker/peer_read.h"

static void reply_peer(const struct peer_read *read)
{
    op_reply_json(read->job, 200,
                  json_pack("{s:o, s:O}", "input_peer", tg_peer_input(&read->peer, "InputPeer"),
                            read->peer.kind == PEER_USER ? "user" : "chat", read->found));
}

void op_peer_get(struct worker *w, struct job *job)
{
    peer_read(w, job, reply_peer);
}
