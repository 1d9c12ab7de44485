/* Which call each chat has, as far as was told, and when that was learnt. Only a table; what is to be believed when is
 * judged in known.h. Belongs to the account's thread. */
#ifndef TGCALLD_TG_CHATS_H
#define TGCALLD_TG_CHATS_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/peer_text.h"

enum tg_chat_state {
    TG_CHAT_UNKNOWN, /* ask */
    TG_CHAT_EMPTY,   /* no call runs or is scheduled */
    TG_CHAT_CALL,    /* one does */
};

struct tg_chat {
    enum peer_kind kind;
    int64_t id;
    enum tg_chat_state state;
    int64_t call_id;    /* TG_CHAT_CALL: its call; TG_CHAT_UNKNOWN: the last that was told, 0 for none */
    int64_t learnt_us;  /* monotonic */
    uint64_t mark;      /* when that was, in the order of what was learnt: see tg_known_mark() */
    uint64_t gone_mark; /* when something last showed that no call, or another one, may run */
    uint64_t runs_mark; /* the same: that one may */
};

struct tg_chats;

int tg_chats_new(struct tg_chats **ret) TGC_MUST;
void tg_chats_free(struct tg_chats *c);
void tg_chats_clear(struct tg_chats *c);

/* Borrowed until the next put; NULL where nothing was told of the chat. It counts as used. */
const struct tg_chat *tg_chats_find(struct tg_chats *c, enum peer_kind kind, int64_t id);
/* What is known of a chat from now on. Past LIMIT_CHATS the longest unused goes; *RET_GONE (may be NULL) is that one,
 * or has id 0. */
int tg_chats_put(struct tg_chats *c, const struct tg_chat *chat, struct tg_chat *ret_gone) TGC_MUST;

#endif
