/* The tokens from one process to the next, and from one machine to another: in the store, each change before it is in
 * force. */
#ifndef TGCALLD_TOKENS_KEPT_H
#define TGCALLD_TOKENS_KEPT_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/bridge/tokens.h"
#include "daemon/store/store.h"

struct tokens_errand;

/* Used by one thread at a time, as changes of tokens are made. Its functions wait for the store, and for a server that
 * does not answer for a little longer than the store does. TGC_ELOST: it is kept or it is not. */
struct tokens_kept {
    struct store *store;
    struct tokens *tokens;
    /* Inside. */
    struct store_desk *desk;
    bool has_begun;
    void (*kept)(void *ctx);
    void *kept_ctx;
    int64_t used_from;          /* a use of before is kept; Unix seconds */
    struct tokens_errand *left; /* what nobody waited for any longer */
    pthread_mutex_t lock;
    pthread_cond_t came;
    bool woken;
};

/* K stays where it is; STORE and TOKENS outlive it. */
int tokens_kept_open(struct tokens_kept *k, struct store *store, struct tokens *tokens) TGC_MUST;
/* Before the store closes; one that is not open is fine. */
void tokens_kept_close(struct tokens_kept *k);

/* What the store has, into TOKENS, in place of what they were. *RET_N: so many, with those that cannot be read, which
 * is logged. */
int tokens_kept_load(struct tokens_kept *k, size_t *ret_n, struct fault *fault) TGC_MUST;
/* All of TOKENS into the store, beside what it has under other names: all or nothing. */
int tokens_kept_put_all(struct tokens_kept *k, struct fault *fault) TGC_MUST;

/* From now on each change of TOKENS is kept; then KEPT hears (NULL: nobody does), which may wait for others to know of
 * it: the change is in force here when it returns. */
void tokens_kept_begin(struct tokens_kept *k, void (*kept)(void *ctx), void *ctx);
/* When each was used last; what cannot be written is logged. Nothing where tokens_kept_begin() was not called: the
 * store is another node's. */
void tokens_kept_end(struct tokens_kept *k);

#endif
