/* The public key of X25519 (RFC 7748) for a secret one. Any thread. */
#ifndef TGCALLD_CRYPTO_X25519_H
#define TGCALLD_CRYPTO_X25519_H

#include <stdint.h>

void x25519_public(const uint8_t secret[static 32], uint8_t out[static 32]);

#endif
