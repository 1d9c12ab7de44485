/* A create as getting to the chat (create.c), sending (create_send.c) and what comes late (create_late.c) share it. */
#ifndef TGCALLD_TG_CREATE_INTERNAL_H
#define TGCALLD_TG_CREATE_INTERNAL_H

#include "daemon/tg/call/create.h"
#include "daemon/tg/call/desk.h"
#include "daemon/tg/chat_lock.h"

struct create {
    struct tg_account *account;
    struct tg_desk *desk;
    struct tg_create_order order; /* what it points to is the waiter's */
    tg_create_fn *done;           /* NULL: nobody waits any more */
    void *ctx;
    struct tg_peer peer;
    struct chat_waiter waiter;
    struct create *prev, *next; /* in the desk's line */
    bool in_line;
    struct net_timer *late; /* while in line: who has the chat may have come later, with more time left */
    int32_t random_id;
    bool locked;
    bool ours;                    /* the random_id was not the order's: another may take its place */
    bool redrawn, failed_once;    /* each once */
    bool may_run;                 /* a request of it that was given up */
    unsigned given_back;          /* how often what it went out on no longer held */
    bool named_again;             /* the same: the peer was resolved a second time */
    uint64_t asked_at;            /* of tg_known_mark(): when the peer was asked for */
    bool remembered;              /* the peer is what was known of its name, nobody was asked */
    struct mt_rpc_error *refusal; /* why it was resolved a second time; NULL: the name has moved */
    bool rtmp_stream;             /* as asked for: what the answer may not say */
    int32_t start_date;           /* the date at which it is to be started, which Telegram does not know of; 0 */
};

/* The waiter hears, the chat is free, the create is gone. */
void create_end(struct create *c, const struct tg_create_outcome *outcome);
void create_end_exists(struct create *c, struct tg_call *call);
/* Ends by what came instead of an answer; FATE is that of phone.createGroupCall. */
void create_end_failed(struct create *c, enum tg_fate fate, const struct tg_answer *failure);
/* The chat is free for the next, before the waiter hears: who hears of the call may ask for the chat's next at once. */
void create_leave_chat(struct create *c);

/* Where the group is known to have become a channel: goes on there, from the lock on. */
bool create_follow(struct create *c);

/* Telegram's word against a peer that came from a remembered name: resolves it once more, and goes on where that finds
 * another. False: FAILURE is the answer. */
bool create_name_again(struct create *c, const struct tg_answer *failure);

/* phone.createGroupCall, with the random_id of what is unsettled in the chat where there is such. */
void create_send(struct create *c);
/* The record of a call that this create made. */
void create_note_made(struct create *c, struct tg_call *call);

/* The deadline of a request that was sent: the waiter leaves, the intent stays. */
void create_on_unknown(void *ctx, const struct tg_answer *answer);
/* Sent, and what came of it will not be known. */
void create_note_lost(struct create *c);
/* What comes after a deadline; frees the create. */
void create_on_late(struct create *c, const struct tg_answer *answer);

static inline struct tg_unsettled *create_unsettled(struct create *c)
{
    return tg_unsettled_find(&c->desk->unsettled, c->peer.kind, c->peer.id, tg_account_self_id(c->account),
                             tg_now(tg_account_env(c->account)));
}

/* What of it has this create's random_id. */
static inline struct tg_unsettled *create_unsettled_own(struct create *c)
{
    return tg_unsettled_find_id(&c->desk->unsettled, c->peer.kind, c->peer.id, tg_account_self_id(c->account),
                                c->random_id, tg_now(tg_account_env(c->account)));
}

#endif
