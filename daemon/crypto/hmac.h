/* HMAC-SHA256 (RFC 2104) over several pieces. Any thread. */
#ifndef TGCALLD_CRYPTO_HMAC_H
#define TGCALLD_CRYPTO_HMAC_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/crypto/hash.h"

/* Of the N pieces one after the other. OUT may overlap a piece. */
void hmac_sha256(const void *key, size_t key_len, const struct piece *pieces, size_t n, uint8_t out[static 32]);

#endif
