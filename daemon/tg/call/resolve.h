/* A peer as a person writes it → what Telegram wants: from what is known, else by asking once. The account's thread. */
#ifndef TGCALLD_TG_RESOLVE_H
#define TGCALLD_TG_RESOLVE_H

#include "daemon/base/peer_text.h"
#include "daemon/tg/account/account.h"
#include "daemon/tg/account/invoke.h"

/* PEER is set where it was found (borrowed, for the call); else FAILURE says what Telegram said, and where that is NULL
 * too nobody knows such a peer: DETAIL and REMEDY say so. */
struct tg_resolved {
    const struct tg_peer *peer;
    const struct tg_answer *failure;
    const char *detail, *remedy;
};
typedef void tg_resolved_fn(void *ctx, const struct tg_resolved *resolved);

/* DONE is called once; from inside this function where nothing had to be asked. */
void tg_resolve(struct tg_account *a, const struct peer_text *text, int64_t deadline_us, tg_resolved_fn *done,
                void *ctx);

/* The same for a peer in JSON: text or an integer in the REST grammar, a Peer object, or an InputPeer object, whose
 * access hash is the caller's. TGC_EINVAL (with a fault) where it is none of these; DONE is not called then. */
int tg_resolve_json(struct tg_account *a, const json_t *peer, int64_t deadline_us, tg_resolved_fn *done, void *ctx,
                    struct fault *fault) TGC_MUST;

/* Whether a username still leads to whom it was resolved to, by all that was told since; other forms do not move. */
bool tg_resolve_is_still(struct tg_account *a, const json_t *peer, const struct tg_peer *resolved);
/* Telegram is asked whose a username is now, unless that is as good as known: where it was seen within the last minute,
 * and for other forms, this is false and nothing is done. What is remembered stands until the answer. */
bool tg_resolve_anew(struct tg_account *a, const json_t *peer, int64_t deadline_us, tg_resolved_fn *done, void *ctx);
/* What is remembered of a name, phone or invite led astray: it is asked for anew next time. False for other forms. */
bool tg_resolve_forget(struct tg_account *a, const json_t *peer);

#endif
