/* One method run on a call that is known, as start, discard, the settings and reading it need: the stale-call rule
 * (GROUPCALL_INVALID is believed only after the chat was asked once), "already so" as success, and a fate that is
 * learnt of even where nobody waits any more. The account's thread. */
#ifndef TGCALLD_TG_STEP_H
#define TGCALLD_TG_STEP_H

#include "daemon/tg/call/trouble.h"

enum tg_step_end {
    TG_STEP_DONE,    /* ANSWER, NULL where nothing had to be changed: Telegram said that it is so already */
    TG_STEP_OVER,    /* the call has ended; RUNNING is the one that its chat has now, or NULL */
    TG_STEP_NO_CALL, /* there is no such call */
    TG_STEP_TROUBLE,
};

struct tg_step_outcome {
    enum tg_step_end end;
    struct tg_call *call; /* its record, borrowed as all of it for the call of DONE; NULL where it is gone */
    const struct tg_answer *answer;
    struct tg_call *running;
    struct tg_trouble trouble;
};

typedef void tg_call_step_fn(void *ctx, const struct tg_step_outcome *outcome);

/* METHOD with PARAMS (stolen; NULL: memory was gone; `call` is added) on the call ID. DONE is called once, maybe from
 * inside; where the request was sent and not answered by DEADLINE_US it is called then, and what still comes is only
 * learnt. */
void tg_call_step(struct tg_account *a, int64_t id, const char *method, json_t *params, int64_t deadline_us,
                  tg_call_step_fn *done, void *ctx);
/* The same by way of GATE (may be NULL). */
void tg_call_step_gated(struct tg_account *a, int64_t id, const char *method, json_t *params, int64_t deadline_us,
                        struct tg_gate *gate, tg_call_step_fn *done, void *ctx);

#endif
