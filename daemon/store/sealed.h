/* Columns whose values are sealed, each in the place of its row. */
#ifndef TGCALLD_STORE_SEALED_H
#define TGCALLD_STORE_SEALED_H

#include "daemon/base/buf.h"
#include "daemon/store/db.h"
#include "daemon/store/store_internal.h"

enum { SEALED_KEYS_MAX = 3 };

struct store_sealed {
    const char *table, *column;
    int keys; /* the whole numbers that make a row's name, at most SEALED_KEYS_MAX */
    /* For a change of the seal key: gives them, then the value, of all rows that have one; and sets the value to $1 in
     * the row of $2, $3, …. */
    const char *select, *update;
    /* Of what may be more than fits into memory, and has one number for a name: as SELECT, of those after $1, in order,
     * and no more than $2. NULL: all at once. */
    const char *next;
};

extern const struct store_sealed store_sealed_user;                                /* of an account: its id */
extern const struct store_sealed store_sealed_login;                               /* the same */
extern const struct store_sealed store_sealed_proxy;                               /* the same */
extern const struct store_sealed store_sealed_key;                                 /* its id, the data centre */
extern const struct store_sealed store_sealed_salt;                                /* the same */
extern const struct store_sealed store_sealed_peer_phone;                          /* its id, the peer's kind and id */
extern const struct store_sealed store_sealed_event;                               /* its id */
extern const struct store_sealed store_sealed_audit;                               /* the page's number */
extern const struct store_sealed store_sealed_call_link;                           /* its id, the call's */
extern const struct store_sealed store_sealed_flood_phone;                         /* its id, the position */
extern const struct store_sealed store_sealed_hook_url, store_sealed_hook_secrets; /* the hook's id */
extern const struct store_sealed store_sealed_live;                                /* its id, the chat's kind and id */
extern const struct store_sealed store_sealed_token;                               /* its id */
extern const struct store_sealed store_sealed_intent_order, store_sealed_intent_answer; /* the intent's id */

/* Seals LEN bytes of the row KEYS into OUT, in place of what that held. TGC_ENOMEM, TGC_ELIMIT. */
int store_seal(struct store *s, const struct store_sealed *what, const int64_t *keys, const void *data, size_t len,
               struct buf *out, struct fault *fault) TGC_MUST;
/* Opens the bytes of a value into OUT, in place of what that held. TGC_EDAMAGED, TGC_ENOMEM, TGC_ELIMIT. */
int store_unseal(struct store *s, const struct store_sealed *what, const int64_t *keys, const uint8_t *sealed,
                 size_t len, struct buf *out, struct fault *fault) TGC_MUST;
/* Seals all values of the column under the ring's next key. What does not open is left as it is and counted. Within a
 * transaction, each of whose statements is short. */
int store_reseal(struct store *s, const struct store_sealed *what, size_t *damaged, struct fault *fault) TGC_MUST;

#endif
