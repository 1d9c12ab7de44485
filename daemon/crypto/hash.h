/* Digests over several pieces, which is how every formula of MTProto concatenates. Any thread.
 *
 * They return nothing, as callers could do nothing about a failure. Where libcrypto has no memory left, the digest is
 * random: whatever it is compared with differs, and a key made from it opens nothing. */
#ifndef TGCALLD_CRYPTO_HASH_H
#define TGCALLD_CRYPTO_HASH_H

#include <stddef.h>
#include <stdint.h>

struct piece {
    const void *data;
    size_t len;
};

/* The digest of the N pieces one after the other. OUT may overlap a piece. */
void hash_sha1(const struct piece *pieces, size_t n, uint8_t out[static 20]);
void hash_sha256(const struct piece *pieces, size_t n, uint8_t out[static 32]);
void hash_sha512(const struct piece *pieces, size_t n, uint8_t out[static 64]);

#define HASH_PIECES(...)                                                                                               \
    (const struct piece[]){__VA_ARGS__}, sizeof((const struct piece[]){__VA_ARGS__}) / sizeof(struct piece)

#endif
