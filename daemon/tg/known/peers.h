/* What an account knows of users and chats: their access hashes, learnt from every answer. Hashes belong to one account
 * and are good in no other. Belongs to the account's thread. */
#ifndef TGCALLD_TG_PEERS_H
#define TGCALLD_TG_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/base/peer_text.h"
#include "daemon/tl/values.h"

enum { TG_PHONE_MAX = 24 };

struct tg_peer {
    enum peer_kind kind;
    int64_t id;
    int64_t access_hash;
    bool has_hash; /* basic groups need none; a min object's hash is never taken */
    bool is_self;
    int64_t migrated_to; /* basic groups: the channel they became; 0 */
};

struct tg_peers;

int tg_peers_new(struct tg_peers **ret) TGC_MUST;
void tg_peers_free(struct tg_peers *p);
void tg_peers_clear(struct tg_peers *p);
/* CHANGED hears of each peer that came, goes, or is to be reached otherwise than before, but for tg_peers_free(). */
void tg_peers_on_change(struct tg_peers *p, void (*changed)(void *ctx, enum peer_kind kind, int64_t id), void *ctx);

/* What was seen in an answer: a min object adds nothing to a full record and makes none that could be used to act. Past
 * LIMIT_PEERS the longest unused goes. */
int tg_peers_put(struct tg_peers *p, const struct tg_peer *seen, bool min) TGC_MUST;

/* Borrowed until the next put; NULL. A basic group that became a channel is found as that channel. */
const struct tg_peer *tg_peers_find(struct tg_peers *p, enum peer_kind kind, int64_t id);

/* In the order of use, the longest unused first; NULL starts. For who tells all of them: it is no use. */
const struct tg_peer *tg_peers_next(const struct tg_peers *p, const struct tg_peer *after);
/* The record itself, without use and without a look at what it became. NULL. */
const struct tg_peer *tg_peers_record(struct tg_peers *p, enum peer_kind kind, int64_t id);

/* What was last seen of a peer's names; who fills it in is known_names.c. Borrowed until the next put; NULL where the
 * peer is not known. */
struct tg_peer_names {
    uint64_t hash;            /* of all of them; 0: not looked at */
    uint64_t mark;            /* when they last changed: see tg_known_mark() */
    int64_t seen_us;          /* when they were last seen */
    char phone[TG_PHONE_MAX]; /* digits; "" for none */
};
struct tg_peer_names *tg_peers_names(struct tg_peers *p, enum peer_kind kind, int64_t id);

/* The TL objects that name a peer, new references; NULL where memory is gone. WANT is "InputPeer", "InputUser" or
 * "InputChannel"; a kind that does not fit gives an object that Telegram refuses (inputUserEmpty, …). */
json_t *tg_peer_input(const struct tg_peer *peer, const char *want);
/* The InputPeer said in C. */
void tg_peer_values(const struct tg_peer *peer, struct tl_values *ret);
/* Appends {"_": "peerUser", "user_id": …} or its kin; OUT's error sticks. */
void tg_peer_text(enum peer_kind kind, int64_t id, struct buf *out);
/* An InputPeer or Peer object as kind and id (inputPeerSelf: SELF_ID); false where it names none. */
bool tg_peer_of_json(const json_t *object, int64_t self_id, enum peer_kind *ret_kind, int64_t *ret_id);

#endif
