/* What is asked of Telegram in an account's name, and what comes of it: see invoke.h. */
#ifndef TGCALLD_TG_ASK_H
#define TGCALLD_TG_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <jansson.h>

#include "daemon/mt/rpc_error.h"
#include "daemon/tg/account/effect.h"
#include "daemon/tg/account/gate.h"
#include "daemon/tl/values.h"

enum tg_outcome {
    TG_RESULT,    /* data, len: one boxed value that fits the method's result */
    TG_RPC_ERROR, /* error */
    /* err and detail: TGC_ETIMEOUT: the deadline; TGC_ESTATE: the account is not or no longer in a state to ask;
     * TGC_ECLOSED; TGC_ELOST: it was sent, and whether it happened will not be known; TGC_EPROTO: what came cannot be
     * read; … */
    TG_NO_ANSWER,
};

struct tg_answer {
    enum tg_outcome outcome;
    const struct tl_comb *method;
    const uint8_t *data; /* borrowed, as all of it, for the call */
    size_t len;
    const struct mt_rpc_error *error;
    int err;
    const char *detail; /* one sentence, never NULL with TG_NO_ANSWER */
    const char *remedy; /* TGC_EREFUSED: what to do; NULL */
    int64_t call_id;    /* TG_RESULT: the group call that an updateGroupCall in it shows running; 0 for none */
    int64_t ended_id;   /* the same, of one that has ended */
    uint64_t mark;      /* what was known when it was asked: see tg_known_mark() */
    bool sent;          /* it may have happened */
    bool executed;      /* it did happen: TG_RESULT, or a result that cannot be read */
};

typedef void tg_answer_fn(void *ctx, const struct tg_answer *answer);

/* Whether it is the RPC error of this name. */
static inline bool tg_answer_is_error(const struct tg_answer *answer, const char *name)
{
    return answer->outcome == TG_RPC_ERROR && strcmp(answer->error->message, name) == 0;
}

enum tg_invoke_flags {
    TG_INVOKE_ANYWAY = 1, /* allowed whatever state the account is in */
    TG_INVOKE_MOVE = 2,   /* part of a move between data centres: goes out while all else waits */
    TG_INVOKE_ONCE = 4,   /* never repeated or waited for by itself, whatever its method */
    TG_INVOKE_HERE = 8,   /* where it meets USER_MIGRATE_X that is its answer, and the account stays */
    TG_INVOKE_LOGIN = TG_INVOKE_ANYWAY | TG_INVOKE_ONCE, /* a step of a login */
};

struct tg_ask {
    const struct tl_comb *method;
    /* The method's parameters, borrowed, peers already resolved: as TL JSON, or said in C where that is NULL. */
    const json_t *params;
    const struct tl_values *values;
    int64_t deadline_us;     /* it is not sent after */
    unsigned flags;          /* of tg_invoke_flags */
    struct tg_effect effect; /* of no account for reads (repeat.h) */
    /* Called exactly once, never from inside tg_invoke(): with the answer, or with what stands in its place. */
    tg_answer_fn *done;
    /* NULL: who asks has no use for an answer after the deadline, DONE is called with TGC_ETIMEOUT then (`sent` says
     * whether it may have happened), and an answer that still comes is only learnt from. Else, where it was sent, this
     * is called at the deadline in DONE's place, with that same answer, and DONE later: with the late answer; with
     * TGC_ETIMEOUT and not `sent` where it turns out that it did not happen; or with TGC_ELOST. */
    tg_answer_fn *unknown;
    /* NULL: whenever it is sent, it is meant. Else asked before it goes out later than at once, or again: whether what
     * the asker knew still holds. Where it does not, it is sent no more, and DONE is called before the deadline with
     * TGC_ETIMEOUT (it did not happen), TGC_ELOST (it may have), or with the answer to what is on its way. */
    bool (*holds)(void *ctx);
    /* NULL: it goes out as soon as it can. Of no account for reads. */
    struct tg_gate *gate;
    void *ctx;
};

#endif
