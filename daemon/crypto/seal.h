/* Sealing at rest: XChaCha20-Poly1305-IETF (libsodium's crypto_aead) under a key of 32 bytes. What is sealed is tied to
 * its place, so that nobody who can write the file can move it to another row. Any thread.
 *
 *   sealed value = version (1), key id (4), nonce (24), ciphertext, tag (16)
 *   associated data = version, key id, TABLE, 0, COLUMN, 0, ROW */
#ifndef TGCALLD_CRYPTO_SEAL_H
#define TGCALLD_CRYPTO_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/random.h"

enum {
    SEAL_KEY_SIZE = 32,
    SEAL_KEY_TEXT = 2 * SEAL_KEY_SIZE + 1,
    SEAL_OVERHEAD = 45,
    SEAL_ID_SIZE = 4,
    SEAL_ID_TEXT = 2 * SEAL_ID_SIZE + 1
};

struct seal_key; /* in memory that is locked, and wiped at the end */

/* Where a value stands; names without NUL. */
struct seal_place {
    const char *table, *column, *row;
};

/* A fresh key. TGC_ENOMEM. */
int seal_key_make(const struct random_source *random, struct seal_key **ret) TGC_MUST;
/* From its text: 64 hexadecimal digits, with a line's end or without. TGC_ESYNTAX, TGC_ENOMEM. */
int seal_key_parse(const char *text, size_t len, struct seal_key **ret) TGC_MUST;
/* Its text with a line's end, without a NUL; the caller wipes it. */
void seal_key_text(const struct seal_key *key, char out[static SEAL_KEY_TEXT]);
/* Its id in hex: it tells keys from each other, and nothing of the key. */
void seal_key_id(const struct seal_key *key, char out[static SEAL_ID_TEXT]);
bool seal_key_equal(const struct seal_key *a, const struct seal_key *b);
/* NULL is fine. */
void seal_key_free(struct seal_key *key);

/* LEN bytes to LEN + SEAL_OVERHEAD at OUT, which may not overlap them. */
int seal(const struct seal_key *key, const struct random_source *random, const struct seal_place *place,
         const void *data, size_t len, uint8_t *out) TGC_MUST;
/* Whether a sealed value says that it is this key's. */
bool seal_is_of(const struct seal_key *key, const uint8_t *sealed, size_t len);
/* LEN - SEAL_OVERHEAD bytes to OUT. TGC_EDAMAGED: no sealed value; TGC_EWRONGKEY: another key's; TGC_ECRYPTO: it was
 * changed, or is of another place. OUT is wiped then. */
int seal_open(const struct seal_key *key, const struct seal_place *place, const uint8_t *sealed, size_t len,
              uint8_t *out) TGC_MUST;

#endif
