/* What POST /v1/calls and …/invitations mean for a conference, a call without a chat. Each answers the job, now or
 * later. The worker's thread. */
#ifndef TGCALLD_WORKER_OP_CALL_CONFERENCE_H
#define TGCALLD_WORKER_OP_CALL_CONFERENCE_H

#include "daemon/worker/call_target.h"

/* {"call", "updates"}, 201. */
void call_conference_create(struct worker *w, struct job *job, struct tg_account *account);
/* The body's `users`, one after the other: it rings at each. {"updates": [Updates, …]}; where one cannot be invited,
 * the problem of that with who was ("invited") and who could not be ("user"), and nobody behind him is. */
void call_conference_invite(const struct call_target *target);

#endif
