/* Pieces of the key exchange that both roles need. Internal to daemon/mt. */
#ifndef TGCALLD_MT_HANDSHAKE_PACKETS_H
#define TGCALLD_MT_HANDSHAKE_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/base/random.h"
#include "daemon/crypto/hash.h"
#include "daemon/tl/reader.h"

enum {
    HANDSHAKE_BODY_MAX = 16 << 10, /* a plain message either way: the longest real one has 724 bytes */
    HANDSHAKE_HASHED_MAX = 4096,   /* SHA1 + object + padding */
    HANDSHAKE_SHA1 = 20,
};

/* The temporary key of the exchange. */
struct handshake_tmp {
    uint8_t key[32], iv[32];
};

bool handshake_same(const void *a, const void *b, size_t n);

/* How the server's side spoils the hashed data where it is to lie. */
struct handshake_spoilt {
    size_t extra;     /* more padding than there should be */
    uint8_t hash_xor; /* changes the first byte of the SHA-1 */
};

/* Appends as TL bytes: IGE(SHA1(OBJECT) + OBJECT + padding to 16). SPOILT may be NULL. */
int handshake_hashed_put(struct buf *out, const struct handshake_tmp *tmp, const void *object, size_t len,
                         const struct handshake_spoilt *spoilt, const struct random_source *random) TGC_MUST;

/* Decrypts ENC into PLAIN (room for LEN bytes): TGC_ECRYPTO where LEN is no multiple of 16, too short or too long. */
int handshake_hashed_open(const struct handshake_tmp *tmp, const uint8_t *enc, size_t len, uint8_t *plain) TGC_MUST;

/* After the object in PLAIN was parsed and found OBJECT_LEN bytes long: its SHA1 (TGC_ECRYPTO) and the padding, less
 * than 16 bytes (TGC_EPROTO). */
int handshake_hashed_check(const uint8_t *plain, size_t len, size_t object_len) TGC_MUST;

/* 16 raw bytes that must be EXPECTED. */
bool handshake_read_nonce(struct tl_reader *r, const uint8_t expected[static 16]);

#endif
