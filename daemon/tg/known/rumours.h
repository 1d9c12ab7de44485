/* Calls that a message in a chat tells of, or who came into them, and that were never seen: the update of their start
 * was lost, or is still to come. Each is to be asked for; nothing is known by them, since a message may be old. Only a
 * list. Belongs to the account's thread. */
#ifndef TGCALLD_TG_RUMOURS_H
#define TGCALLD_TG_RUMOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/peer_text.h"

struct tg_rumour {
    int64_t call_id, access_hash;
    enum peer_kind kind;    /* the message's chat */
    int64_t id;             /* 0: no message told of it */
    int64_t ask_at_us;      /* not to be asked for before, monotonic */
    unsigned asked_in_vain; /* how often that was */
    bool is_of_none;        /* Telegram knows of no such call for us: not to be asked for */
};

struct tg_rumours {
    struct tg_rumour *list; /* the oldest in front */
    size_t n, cap;
};

/* Copied; what there is of that call stands, but for one that no message told of. Past LIMIT_CALL_RUMOURS the oldest
 * goes. TGC_ENOMEM. */
int tg_rumours_put(struct tg_rumours *r, const struct tg_rumour *rumour) TGC_MUST;
/* NULL: none. Good until the next put or drop. */
struct tg_rumour *tg_rumours_find(struct tg_rumours *r, int64_t call_id);
/* The one that is to be asked for first; NULL. The same. */
struct tg_rumour *tg_rumours_next_to_ask(struct tg_rumours *r);
/* What there is not is fine. */
void tg_rumours_drop(struct tg_rumours *r, int64_t call_id);
void tg_rumours_clear(struct tg_rumours *r);

#endif
