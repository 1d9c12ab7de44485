/* One method on the call of the path's {id}, with what a request says of people in its parameters resolved first. The
 * worker's thread. */
#ifndef TGCALLD_WORKER_CALL_ACT_H
#define TGCALLD_WORKER_CALL_ACT_H

#include "daemon/worker/call_target.h"

/* It was done: OUTCOME->answer is the result, NULL where Telegram said that all is so already. Answers the job. */
typedef void call_act_reply(const struct call_target *target, const struct tg_step_outcome *outcome);

/* METHOD with PARAMS (stolen; NULL: memory was gone; `call` is added). The job is answered by REPLY, or with the
 * problem of what went wrong. */
void call_act(struct worker *w, struct job *job, const char *method, json_t *params, call_act_reply *reply);

/* The member FROM of BODY, where it is there, as TO of *PARAMS, which become NULL where memory is gone. */
void call_act_copy(json_t **params, const json_t *body, const char *from, const char *to);

/* {"updates": Updates}, {} where nothing had to be changed. */
call_act_reply call_act_reply_updates;
/* What came of a change cannot be told, by ERR and FAULT: the problem says that it was done. */
void call_act_untold(const struct call_target *target, const struct tg_answer *answer, int err, struct fault *fault);

#endif
