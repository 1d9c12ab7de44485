/* The accounts of the store, each with its keys. */
#ifndef TGCALLD_STORE_ACCOUNT_ROWS_H
#define TGCALLD_STORE_ACCOUNT_ROWS_H

#include "daemon/store/key_rows.h"
#include "daemon/store/store.h"

struct store_account {
    int64_t id; /* the store's own, in what is loaded; a put does not look at it */
    const char *name;
    const char *state;                    /* not NULL */
    const char *reason, *remedy, *logout; /* NULL for none */
    int32_t home_dc;
    int64_t self_id, user_id;
    const char *user_json;  /* sealed; NULL for none */
    const char *login_json; /* the same */
    const char *proxy;      /* the same */
    int32_t layer;
};

/* Inserts or updates, by name. */
int store_put_account(struct store_desk *d, const struct store_account *row, store_done_fn *done, void *ctx) TGC_MUST;
/* The account with all that hangs on it: keys, peers, calls, floods, states of updates, intents. One that is not there
 * is no error. */
int store_drop_account(struct store_desk *d, const char *name, store_done_fn *done, void *ctx) TGC_MUST;

/* What hangs on it goes, but for what was asked of it: it is to be another session's. One that is not there is no
 * error.
 */
int store_strip_account(struct store_desk *d, const char *name, store_done_fn *done, void *ctx) TGC_MUST;

struct store_loaded_account {
    struct store_account row;
    const struct store_key *keys; /* by data centre */
    size_t keys_n;
    bool proxy_is_lost; /* it has one, which cannot be read */
    const char *damage; /* NULL, or what of it cannot be read, for people ("the key of data centre 2 does not open: …"):
                           what can be read is here, and in the database all is as it was */
};

/* LIST lives as long as the call, and is wiped then; in order of names. */
typedef void store_accounts_fn(void *ctx, int err, const char *why, const struct store_loaded_account *list, size_t n);
int store_load_accounts(struct store_desk *d, store_accounts_fn *loaded, void *ctx) TGC_MUST;
/* Those whose id leaves SHARE when divided by SHARES: always the same ones, however many others come and go. */
int store_load_share(struct store_desk *d, size_t share, size_t shares, store_accounts_fn *loaded, void *ctx) TGC_MUST;

#endif
