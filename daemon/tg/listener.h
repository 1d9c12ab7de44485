/* Who hears every change of what an account is and knows: one for all accounts of a worker. Called on the worker's
 * thread, after the change, from inside whatever brought it: it looks and notes, and asks for nothing. */
#ifndef TGCALLD_TG_LISTENER_H
#define TGCALLD_TG_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/peer_text.h"
#include "daemon/tl/model.h"

struct tg_account;
struct tg_call;
struct tg_call_before;

enum tg_change {
    TG_MADE,
    TG_CHANGED,
    TG_OURS, /* it turns out to be by the account's own request */
    TG_FORGOTTEN,
};

/* One Update of the layer that is spoken; all borrowed for the call. */
struct tg_update {
    const struct tl_comb
        *comb;           /* an Update's; or updateShortMessage, updateShortChatMessage, which are one of their own */
    const uint8_t *data; /* boxed */
    size_t len;
    const uint8_t *users, *chats; /* boxed vectors of User and Chat, of all that came with it; NULL where none did */
    size_t users_len, chats_len;
    int32_t date; /* when, by Telegram's clock (Unix time); 0: not told */
};

/* What became of a call, for who tells people. */
struct tg_call_news {
    enum tg_change change; /* not TG_OURS */
    const struct tg_call_before *before;
    bool is_own;    /* it is of the answer to what the account itself did */
    bool has_actor; /* who did it, where a service message says so */
    enum peer_kind actor_kind;
    int64_t actor_id;
};

/* Members may be NULL. */
struct tg_listener {
    /* Its state, its reason or its user. */
    void (*account_changed)(void *ctx, struct tg_account *account);
    /* It has another permanent key, or one less: see tg_account_key_ids(). */
    void (*keys_changed)(void *ctx, struct tg_account *account);
    /* The account came to know a call, knows it otherwise than before, or is about to forget it (but not told where the
     * account itself goes). */
    void (*call_changed)(void *ctx, struct tg_account *account, const struct tg_call *call, enum tg_change change);
    /* The same, with what it was before and who did it; not for what comes from an earlier process. */
    void (*call_told)(void *ctx, struct tg_account *account, const struct tg_call *call,
                      const struct tg_call_news *news);
    /* Its state or its reason, and what these were before. */
    void (*account_told)(void *ctx, struct tg_account *account, int state_before, const char *reason_before);
    /* The chat has another call, or none, or nobody knows any more: see tg_known_chat(). */
    void (*chat_changed)(void *ctx, struct tg_account *account, enum peer_kind kind, int64_t id);
    /* Telegram said so, by itself or in an answer; what it says of users, chats and calls is known already. */
    void (*update_told)(void *ctx, struct tg_account *account, const struct tg_update *update);
    /* Updates were missed and will not come: of one channel, or (CHANNEL_ID 0) of all else. */
    void (*updates_missed)(void *ctx, struct tg_account *account, int64_t channel_id);
    void *ctx;
};

#endif
