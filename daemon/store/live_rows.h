/* The wishes that a call run in a chat. What each says is its owner's text, and sealed: it names chats and people. */
#ifndef TGCALLD_STORE_LIVE_ROWS_H
#define TGCALLD_STORE_LIVE_ROWS_H

#include "daemon/base/peer_text.h"
#include "daemon/store/store.h"

struct store_live {
    const char *account; /* it goes with the account */
    enum peer_kind peer_kind;
    int64_t peer_id;
    const char *wish; /* NULL: it cannot be read */
    size_t wish_len;
};

/* Inserts or updates by account and peer. TGC_EUNKNOWN by DONE: there is no such account. */
int store_put_live(struct store_desk *d, const struct store_live *row, store_done_fn *done, void *ctx) TGC_MUST;
/* One that is not there is no error. */
int store_drop_live(struct store_desk *d, const char *account, enum peer_kind kind, int64_t peer_id,
                    store_done_fn *done, void *ctx) TGC_MUST;

/* LIST lives as long as the call: the account's, at most LIMIT_LIVE. */
typedef void store_live_fn(void *ctx, int err, const char *why, const struct store_live *list, size_t n);
int store_load_live(struct store_desk *d, const char *account, store_live_fn *loaded, void *ctx) TGC_MUST;

#endif
