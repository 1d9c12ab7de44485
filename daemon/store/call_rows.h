/* The group calls that an account knows. */
#ifndef TGCALLD_STORE_CALL_ROWS_H
#define TGCALLD_STORE_CALL_ROWS_H

#include "daemon/base/peer_text.h"
#include "daemon/store/store.h"

struct store_call {
    const char *account;
    int64_t id, access_hash;
    bool has_peer;
    enum peer_kind peer_kind;
    int64_t peer_id;
    const char *title; /* any bytes; NULL for none */
    size_t title_len;
    bool conference;
    const char *invite_link; /* who has it may join: sealed; NULL for none */
    int state;               /* the client's own number */
    int32_t schedule_date, duration;
    bool rtmp_stream, join_muted, created_here, end_inferred;
    int32_t participants_count, version;
    int64_t created_at, ended_at;
    int auto_start; /* the client's own number */
    int64_t missed_at;
    const char *missed_why; /* NULL for none */
};

/* Inserts or updates N rows, by account and id. TGC_EUNKNOWN by DONE: there is no such account. */
int store_put_calls(struct store_desk *d, const struct store_call *rows, size_t n, store_done_fn *done,
                    void *ctx) TGC_MUST;
/* One that is not there is no error. */
int store_drop_call(struct store_desk *d, const char *account, int64_t id, store_done_fn *done, void *ctx) TGC_MUST;
/* All of the account's. */
int store_drop_calls(struct store_desk *d, const char *account, store_done_fn *done, void *ctx) TGC_MUST;

/* LIST lives as long as the call: the LIMIT_CALLS that were made last, in the order of creation. DAMAGED: how many rows
 * could not be read; they are left out. */
typedef void store_calls_fn(void *ctx, int err, const char *why, const struct store_call *list, size_t n,
                            size_t damaged);
int store_load_calls(struct store_desk *d, const char *account, store_calls_fn *loaded, void *ctx) TGC_MUST;

#endif
