/* What Telegram asked an account to wait for. */
#ifndef TGCALLD_STORE_FLOOD_ROWS_H
#define TGCALLD_STORE_FLOOD_ROWS_H

#include "daemon/base/peer_text.h"
#include "daemon/store/store.h"

struct store_flood {
    const char *account; /* in what is loaded; a put does not look at it */
    const char *method;  /* NULL or "" for none */
    bool has_peer, of_peer;
    enum peer_kind kind;
    int64_t peer_id;
    const char *phone; /* sealed; NULL or "" for none */
    int32_t code;
    const char *family;    /* not NULL */
    int64_t until_wall_us; /* since the Unix epoch */
};

/* These N, in this order, in place of all that the account had; N may be 0. TGC_EUNKNOWN by DONE: there is no such
 * account. */
int store_put_floods(struct store_desk *d, const char *account, const struct store_flood *rows, size_t n,
                     store_done_fn *done, void *ctx) TGC_MUST;

/* LIST lives as long as the call. DAMAGED: how many rows could not be read; they are left out. */
typedef void store_floods_fn(void *ctx, int err, const char *why, const struct store_flood *list, size_t n,
                             size_t damaged);
int store_load_floods(struct store_desk *d, const char *account, store_floods_fn *loaded, void *ctx) TGC_MUST;

#endif
