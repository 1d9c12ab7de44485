/* The tokens that open the API: of each its name, and what its owner says of it, which has no token in it. That is
 * sealed: whoever can write into the database, and has no seal key, makes no token. */
#ifndef TGCALLD_STORE_TOKEN_ROWS_H
#define TGCALLD_STORE_TOKEN_ROWS_H

#include "daemon/store/store.h"

struct store_token {
    const char *name;
    const char *text; /* NULL: it cannot be read */
    size_t text_len;
    int64_t used_at; /* Unix seconds; 0: never */
};

/* Inserts or updates each by its name; all or nothing. */
int store_put_tokens(struct store_desk *d, const struct store_token *rows, size_t n, store_done_fn *done,
                     void *ctx) TGC_MUST;
/* That each was used at USED_AT, which is never put back; of the rest only the name counts. One that is not there is
 * no error. */
int store_use_tokens(struct store_desk *d, const struct store_token *rows, size_t n, store_done_fn *done,
                     void *ctx) TGC_MUST;
/* One that is not there is no error. */
int store_drop_token(struct store_desk *d, const char *name, store_done_fn *done, void *ctx) TGC_MUST;

/* LIST lives as long as the call: all, the oldest first. */
typedef void store_tokens_fn(void *ctx, int err, const char *why, const struct store_token *list, size_t n);
int store_load_tokens(struct store_desk *d, store_tokens_fn *loaded, void *ctx) TGC_MUST;

#endif
