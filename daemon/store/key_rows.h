/* The permanent keys of the store, sealed, with the last salt of each. They are loaded with their accounts. */
#ifndef TGCALLD_STORE_KEY_ROWS_H
#define TGCALLD_STORE_KEY_ROWS_H

#include "daemon/store/store.h"

struct store_key {
    const char *account;
    int32_t dc;
    uint8_t key[256];
    uint64_t salt;
};

/* Inserts or updates, by account and data centre. TGC_EUNKNOWN by DONE: there is no such account. */
int store_put_key(struct store_desk *d, const struct store_key *row, store_done_fn *done, void *ctx) TGC_MUST;
/* The salt of a key that is there; of one that is not, nothing happens. */
int store_put_salt(struct store_desk *d, const char *account, int32_t dc, uint64_t salt, store_done_fn *done,
                   void *ctx) TGC_MUST;
/* One that is not there is no error. */
int store_drop_key(struct store_desk *d, const char *account, int32_t dc, store_done_fn *done, void *ctx) TGC_MUST;

#endif
