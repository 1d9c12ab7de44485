/* One method on the peer of the path, with what a request says of others in its parameters resolved too. The worker's
 * thread. */
#ifndef TGCALLD_WORKER_PEER_ACT_H
#define TGCALLD_WORKER_PEER_ACT_H

#include "daemon/worker/op.h"

/* Answers JOB of a result. PEER is the path's, resolved: an InputPeer, borrowed for the call. */
typedef void peer_act_reply(struct worker *w, struct job *job, struct tg_account *account, const json_t *peer,
                            const struct tg_answer *answer);

/* Hears of a result that came when who asked had been told that it is not known. BODY: the job's. */
typedef void peer_act_late(struct worker *w, struct tg_account *account, const json_t *peer, const json_t *body);

/* METHOD with PARAMS (stolen; NULL: memory was gone; `peer` is added). The job is answered by REPLY, or with the
 * problem of what went wrong. CHANGES: it is no read, and whether it happened is told; LATE (NULL: nobody) hears of it
 * then, too. */
void peer_act(struct worker *w, struct job *job, const char *method, json_t *params, bool changes,
              peer_act_reply *reply, peer_act_late *late);

#endif
