/* What known.c (the tables), known_apply.c (how they learn) and known_chat.c (which call a chat has) share. */
#ifndef TGCALLD_TG_KNOWN_INTERNAL_H
#define TGCALLD_TG_KNOWN_INTERNAL_H

#include "daemon/tg/known/call_before.h"
#include "daemon/tg/known/facts.h"
#include "daemon/tg/known/known.h"
#include "daemon/tg/known/names.h"
#include "daemon/tg/known/rumours.h"

struct tg_known {
    const struct clock_source *clock;
    struct tg_peers *peers;
    struct tg_names *names;
    struct tg_chats *chats;
    struct tg_calls *calls;
    struct tg_rumours rumours;          /* of calls that are not among those */
    const struct tg_listener *listener; /* never NULL */
    struct tg_account *account;         /* whose this is, for the listener */
    uint64_t mark;                      /* grows with everything that is learnt */
    uint64_t lost_mark;                 /* when the link was lost last, or updates */
    int64_t heard_us;                   /* when the last update came */
    int64_t dialogs_us;                 /* when the account's chats were all read, and the first of them asked for */
    uint64_t dialogs_mark;
    bool dialogs_read;
    struct tg_changes changed_peers, changed_calls; /* while NOTED is set */
    void (*noted)(void *ctx);
    void *noted_ctx;
    bool is_own;           /* what is learnt is of an answer to what the account did */
    struct tg_facts facts; /* of the answer or update at hand; reused */
    struct tg_words words;
};

/* The mark of an update: it tells how things are now. */
#define KNOWN_NOW UINT64_MAX

static inline int64_t known_now(const struct tg_known *k)
{
    return clock_mono_us(k->clock);
}

/* SEEN's mark is that of the question, or KNOWN_NOW. */
int known_see_call(struct tg_known *k, const struct tg_call_seen *seen) TGC_MUST;
/* BEFORE: NULL where nothing that people are told of has changed. */
void known_tell_call(struct tg_known *k, const struct tg_call *call, const struct tg_call_before *before,
                     enum tg_change change);
/* CALL (NULL: nothing) is asked for before it is believed. */
void known_doubt_call(struct tg_known *k, struct tg_call *call);

/* known_names.c: a peer, which is in its table, was seen with these names, and this phone. */
int known_see_names(struct tg_known *k, const struct tg_fact_peer *p) TGC_MUST;
int known_see_phone(struct tg_known *k, const struct tg_fact_peer *p) TGC_MUST;

/* --- known_chat.c: evidence of which call a chat has; ASKED is the mark of the question, or KNOWN_NOW --- */

/* Whose call it is, where that was not known. Whether that is news. */
bool known_set_peer(struct tg_known *k, struct tg_call *call, enum peer_kind kind, int64_t id);
/* CALL runs, in the chat that it names. */
int known_chat_runs(struct tg_known *k, struct tg_call *call, uint64_t asked) TGC_MUST;
/* CALL has ended; WAS_UNKNOWN: that is the first that was told of it. */
int known_chat_ended(struct tg_known *k, const struct tg_call *call, bool was_unknown) TGC_MUST;
/* The full chat shows CALL_ID as its call, or (0) none. */
int known_chat_shows(struct tg_known *k, enum peer_kind kind, int64_t id, int64_t call_id, uint64_t asked) TGC_MUST;
/* The chat's object says whether a call is active in it: no proof of which, or of none, but it may contradict. */
int known_chat_flag(struct tg_known *k, enum peer_kind kind, int64_t id, bool active) TGC_MUST;
/* Something of the chat is not as it was, or may be: that it is empty is no longer known. */
int known_chat_doubt_empty(struct tg_known *k, enum peer_kind kind, int64_t id) TGC_MUST;

#endif
