/* The users and chats that an account knows. */
#ifndef TGCALLD_STORE_PEER_ROWS_H
#define TGCALLD_STORE_PEER_ROWS_H

#include "daemon/base/peer_text.h"
#include "daemon/store/store.h"

struct store_peer {
    const char *account;
    enum peer_kind kind;
    int64_t id, access_hash;
    bool has_hash, is_self;
    int64_t migrated_to; /* 0 for none */
    const char *phone;   /* sealed; NULL for none */
};

/* Inserts or updates N rows, by account, kind and id. TGC_EUNKNOWN by DONE: there is no such account. */
int store_put_peers(struct store_desk *d, const struct store_peer *rows, size_t n, store_done_fn *done,
                    void *ctx) TGC_MUST;
int store_drop_peer(struct store_desk *d, const char *account, enum peer_kind kind, int64_t id, store_done_fn *done,
                    void *ctx) TGC_MUST;
/* All of the account's. */
int store_drop_peers(struct store_desk *d, const char *account, store_done_fn *done, void *ctx) TGC_MUST;

/* LIST lives as long as the call: the LIMIT_PEERS that were put last, those put last at its end. DAMAGED: how many rows
 * could not be read wholly; their phone, or the whole row, is left out. */
typedef void store_peers_fn(void *ctx, int err, const char *why, const struct store_peer *list, size_t n,
                            size_t damaged);
int store_load_peers(struct store_desk *d, const char *account, store_peers_fn *loaded, void *ctx) TGC_MUST;

#endif
