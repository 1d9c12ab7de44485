/* What was asked for under an Idempotency-Key, or as a job: committed before it is sent, its answer after. Order and
 * answer are their owner's texts, and sealed: they may hold secrets. */
#ifndef TGCALLD_STORE_INTENT_ROWS_H
#define TGCALLD_STORE_INTENT_ROWS_H

#include "daemon/base/limits.h"
#include "daemon/store/store.h"

enum { STORE_INTENT_KEY = 32 };

struct store_intent {
    int64_t id;
    const char *account;          /* it goes with the account; NULL for none */
    const uint8_t *key;           /* STORE_INTENT_KEY bytes; NULL for none */
    int state;                    /* the owner's own number */
    bool sent;                    /* it may have been carried out */
    bool shown;                   /* somebody was told its id */
    int64_t created_us, until_us; /* wall */
    const char *order;            /* NULL: it cannot be read, nor the key with it */
    size_t order_len;
    const char *answer; /* NULL for none */
    size_t answer_len;
};

/* Inserts or updates by id. An account that is not there is none. TGC_EEXIST: another row has that key, which several
 * nodes may be asked by at once, or that id, and was made at another time. */
int store_put_intent(struct store_desk *d, const struct store_intent *row, store_done_fn *done, void *ctx) TGC_MUST;
/* One that is not there is no error. */
int store_drop_intent(struct store_desk *d, int64_t id, store_done_fn *done, void *ctx) TGC_MUST;
/* All that were made before CREATED_US. */
int store_drop_old_intents(struct store_desk *d, int64_t created_us, store_done_fn *done, void *ctx) TGC_MUST;

/* LIST lives as long as the call: the STORE_INTENTS_MAX that were made last, in the order of creation, without their
 * answers. */
enum { STORE_INTENTS_MAX = LIMIT_INTENTS + LIMIT_INTENTS_OWN };
typedef void store_intents_fn(void *ctx, int err, const char *why, const struct store_intent *list, size_t n);
/* Those of ACCOUNT; "": of none. */
int store_load_intents(struct store_desk *d, const char *account, store_intents_fn *loaded, void *ctx) TGC_MUST;

/* The row that has KEY: ID, and whose it is; ID 0: there is none. ACCOUNT lives as long as the call; NULL for none. */
typedef void store_intent_place_fn(void *ctx, int err, const char *why, int64_t id, const char *account);
int store_load_intent_place(struct store_desk *d, const uint8_t key[static STORE_INTENT_KEY],
                            store_intent_place_fn *loaded, void *ctx) TGC_MUST;

/* ANSWER lives as long as the call; NULL where there is none, or it cannot be read. */
typedef void store_intent_answer_fn(void *ctx, int err, const char *why, const char *answer, size_t len);
int store_load_intent_answer(struct store_desk *d, int64_t id, store_intent_answer_fn *loaded, void *ctx) TGC_MUST;

#endif
