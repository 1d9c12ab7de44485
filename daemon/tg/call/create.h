/* A call is created in a chat: what POST /v1/calls means, for whoever wants one. On Telegram a second create in a chat
 * ends the running call, so the order is: peer, a lock on the chat, what is to happen if a call exists, create.
 *
 * The intent is apart from who waits for it. At the deadline the waiter is told what is known; an intent that was sent
 * goes on alone until its fate is known, and the next create in its chat counts with it (unsettled.h). The account's
 * thread. */
#ifndef TGCALLD_TG_CREATE_H
#define TGCALLD_TG_CREATE_H

#include "daemon/tg/call/resolve.h"
#include "daemon/tg/call/terms.h"
#include "daemon/tg/call/trouble.h"

enum tg_if_exists {
    TG_IF_EXISTS_KEEP,    /* the call that the chat has is the outcome */
    TG_IF_EXISTS_REPLACE, /* it ends, by Telegram's own rule: one plain request */
};

/* What it points to is borrowed until DONE is called. */
struct tg_create_order {
    const json_t *peer; /* as of tg_resolve_json() */
    struct tg_terms terms;
    int32_t random_id; /* 0: one is drawn */
    enum tg_if_exists if_exists;
    int64_t deadline_us;
    struct tg_gate *gate; /* of phone.createGroupCall, which tells it its random_id; NULL */
};

enum tg_create_end {
    TG_CREATE_MADE,    /* CALL; UPDATES, NULL where Telegram's answer could not be read */
    TG_CREATE_EXISTS,  /* CALL, which DIFFERS from what was asked for; nothing was made */
    TG_CREATE_NO_PEER, /* nobody knows such a peer: RESOLVED says so */
    TG_CREATE_SPENT,   /* the order's random_id was used for a call that has ended: TROUBLE's answer */
    TG_CREATE_NO_CALL, /* it was carried out, but the chat shows no call */
    TG_CREATE_TROUBLE,
};

struct tg_create_outcome {
    enum tg_create_end end;
    struct tg_call *call; /* borrowed, as all of it, for the call of DONE */
    const struct tg_answer *updates;
    unsigned differs; /* of enum tg_differs */
    const struct tg_resolved *resolved;
    struct tg_trouble trouble;
};

typedef void tg_create_fn(void *ctx, const struct tg_create_outcome *outcome);

/* DONE is called once, maybe from inside, by the deadline. TGC_EINVAL (with a fault): the peer is none, and TGC_ENOMEM:
 * it is not called. */
int tg_create(struct tg_account *a, const struct tg_create_order *order, tg_create_fn *done, void *ctx,
              struct fault *fault) TGC_MUST;

#endif
