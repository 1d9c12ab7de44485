/* Requests and answers on their way through the database: sealed with the store's key, each in its place. The files of
 * the key are read anew when bytes bear one that is not known. One thread. */
#ifndef TGCALLD_STORE_RELAY_SEAL_H
#define TGCALLD_STORE_RELAY_SEAL_H

#include "daemon/store/ring.h"

enum relay_way { RELAY_REQUEST, RELAY_ANSWER };

struct relay_seal {
    struct store_config config; /* key_path (owned), key_is_given, random */
    struct random_pool pool;
    struct random_source random;
    struct store_ring ring;
};

/* Errors are store_ring_load()'s. Stays where it is. */
int relay_seal_init(struct relay_seal *s, const char *key_path, bool key_is_given, const struct random_source *random,
                    struct fault *fault) TGC_MUST;
void relay_seal_fini(struct relay_seal *s);

/* Appends to OUT. TGC_ENOMEM, TGC_ELIMIT. */
int relay_seal(struct relay_seal *s, enum relay_way way, int64_t id, const void *data, size_t len,
               struct buf *out) TGC_MUST;
/* In place of what OUT held, which ought to be secret. TGC_EWRONGKEY, TGC_EDAMAGED, TGC_ECRYPTO, TGC_ENOMEM,
 * TGC_ELIMIT. */
int relay_open(struct relay_seal *s, enum relay_way way, int64_t id, const uint8_t *sealed, size_t len,
               struct buf *out) TGC_MUST;

#endif
