/* Why something that was asked for was not done, or is not known to be: what the functions of this folder tell those
 * who asked. */
#ifndef TGCALLD_TG_TROUBLE_H
#define TGCALLD_TG_TROUBLE_H

#include "daemon/tg/account/account.h"
#include "daemon/tg/account/invoke.h"

enum tg_fate {
    TG_FATE_NONE,     /* nothing was to be changed */
    TG_FATE_NOT_SENT, /* it certainly did not happen */
    TG_FATE_SENT,     /* it may have happened, or may yet */
    TG_FATE_EXECUTED, /* it happened, and what came of it is not known */
};

struct tg_trouble {
    enum tg_fate fate;
    const struct tg_answer *answer; /* what came, or stands in its place; NULL: nothing could be asked, because of */
    int err;                        /* as tg_invoke() gave it; TGC_EUNKNOWN with no METHOD in the layer says that */
    const char *method;             /* its name */
    const struct fault *fault;
    int64_t call_id;    /* the call that was meant; 0 where none is known, or there is none yet */
    const json_t *peer; /* the chat that was meant, as text or its marked id; NULL where none is known */
};

/* Of a request that was to change something, and has no result that can be read. A refusal was judged by what the
 * server knew of everything that was sent. */
static inline enum tg_fate tg_fate_of(const struct tg_answer *answer)
{
    if (answer->executed)
        return TG_FATE_EXECUTED;
    if (answer->outcome == TG_RPC_ERROR && answer->error->code >= 400 && answer->error->code < 500 &&
        answer->error->code != 420)
        return TG_FATE_NOT_SENT;
    return answer->sent ? TG_FATE_SENT : TG_FATE_NOT_SENT;
}

#endif
