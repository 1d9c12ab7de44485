/* Where the sequences of an account's updates stand. */
#ifndef TGCALLD_STORE_UPDATE_ROWS_H
#define TGCALLD_STORE_UPDATE_ROWS_H

#include "daemon/store/store.h"

struct store_update_state {
    int64_t channel_id;     /* 0: of all but channels */
    int32_t pts;            /* 0, in a put: it is forgotten */
    int32_t qts, date, seq; /* of a channel: 0 */
};

/* In the place of what was there, each. TGC_EUNKNOWN by DONE: there is no such account. */
int store_put_update_states(struct store_desk *d, const char *account, const struct store_update_state *rows, size_t n,
                            store_done_fn *done, void *ctx) TGC_MUST;

/* LIST lives as long as the call. DAMAGED: how many rows could not be read; they are left out. */
typedef void store_update_states_fn(void *ctx, int err, const char *why, const struct store_update_state *list,
                                    size_t n, size_t damaged);
int store_load_update_states(struct store_desk *d, const char *account, store_update_states_fn *loaded,
                             void *ctx) TGC_MUST;

#endif
