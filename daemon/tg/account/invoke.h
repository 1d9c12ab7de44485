/* One method call of an account: encoded, sent, repeated as the decision table says, its answer learnt from, then given
 * to the caller. Everything the daemon asks Telegram goes through here. The account's thread. */
#ifndef TGCALLD_TG_INVOKE_H
#define TGCALLD_TG_INVOKE_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/mt/rpc_error.h"
#include "daemon/tg/account/account.h"
#include "daemon/tl/model.h"

enum tg_outcome {
    TG_RESULT,    /* data, len: one boxed value that fits the method's result */
    TG_RPC_ERROR, /* error */
    TG_NO_ANSWER, /* err and detail: TGC_ETIMEOUT, TGC_ESTATE (the account is not or no longer in a state to ask), … */
};

struct tg_answer {
    enum tg_outcome outcome;
    const struct tl_comb *method;
    const uint8_t *data; /* borrowed, as all of it, for the call */
    size_t len;
    const struct mt_rpc_error *error;
    int err;
    const char *detail; /* one sentence, never NULL with TG_NO_ANSWER */
    int64_t call_id;    /* TG_RESULT: the group call that an updateGroupCall in it shows running; 0 for none */
};

typedef void tg_answer_fn(void *ctx, const struct tg_answer *answer);

enum tg_invoke_flags {
    TG_INVOKE_REPEATABLE = 1, /* harmless to repeat when the server failed: reads, and what carries a random_id */
    TG_INVOKE_LOGIN = 2,      /* allowed before the account is ready, and never repeated or waited for by itself */
    TG_INVOKE_MOVE = 4,       /* part of a move between data centres: goes out while all else waits */
};

/* PARAMS (borrowed) are the method's parameters as TL JSON, peers already resolved. DONE is called exactly once, never
 * from inside this function. A fault of the parameters is returned at once (see tl_encode_method()) and nothing is
 * sent. */
int tg_invoke(struct tg_account *a, const struct tl_comb *method, const json_t *params, int64_t deadline_us,
              unsigned flags, tg_answer_fn *done, void *ctx, struct fault *fault) TGC_MUST;

/* The same by the method's name, for the daemon's own calls: TGC_EUNKNOWN where the layer lacks it. Steals PARAMS
 * (NULL: memory was gone). */
int tg_invoke_named(struct tg_account *a, const char *method, json_t *params, int64_t deadline_us, unsigned flags,
                    tg_answer_fn *done, void *ctx, struct fault *fault) TGC_MUST;

#endif
