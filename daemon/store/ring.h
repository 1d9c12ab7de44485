/* The seal keys of a store, and their files. Normally there is one key. While keys are changed there are two files, and
 * the database says whose it is: so a process may end at any moment of the change.
 *
 *   KEY_PATH       the key
 *   KEY_PATH.next  the key that follows it */
#ifndef TGCALLD_STORE_RING_H
#define TGCALLD_STORE_RING_H

#include <stdbool.h>

#include "daemon/base/buf.h"
#include "daemon/base/fault.h"
#include "daemon/crypto/seal.h"
#include "daemon/store/store.h"

struct store_ring {
    struct seal_key *now;  /* what is sealed from now on */
    struct seal_key *next; /* NULL but while keys are changed */
};

/* Reads the files. Where there are none, a key is made, if it may be: HAS_DATABASE says that it may not. TGC_ENOKEY,
 * TGC_EINVAL, TGC_ESYSTEM, TGC_ENOMEM. */
int store_ring_load(const struct store_config *c, bool has_database, struct store_ring *ret,
                    struct fault *fault) TGC_MUST;
void store_ring_free(struct store_ring *r);

/* The ids of the keys that the files of KEY_PATH have, with a blank between; "" of what cannot be read. */
enum { STORE_RING_IDS = 2 * SEAL_ID_TEXT };
void store_ring_ids(const char *key_path, char out[static STORE_RING_IDS]);

/* Makes the one NOW that opens this value; TGC_EWRONGKEY where none of them does. */
int store_ring_choose(struct store_ring *r, const struct seal_place *place, const uint8_t *sealed, size_t len,
                      struct fault *fault) TGC_MUST;
/* Makes or reads NEXT, unless it is there already. Of keys that are ours both stand in their files then, whatever
 * became of these meanwhile. TGC_ESTATE: a given key has none, or one that is in use. */
int store_ring_prepare(const struct store_config *c, struct store_ring *r, struct fault *fault) TGC_MUST;
/* The database is NEXT's now. */
void store_ring_advance(struct store_ring *r);
/* Only NOW's file stays, in KEY_PATH, and is written where it is gone; the files of a given key stay as they are. */
int store_ring_settle(const struct store_config *c, struct store_ring *r, struct fault *fault) TGC_MUST;

#endif
