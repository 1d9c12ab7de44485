#include "daemon/crypto/x25519.h"

#include <sodium.h>

void x25519_public(const uint8_t secret[static 32], uint8_t out[static 32])
{
    /* It fails for no secret: the base point is not of low order. */
    if (crypto_scalarmult_base(out, secret) != 0)
        sodium_memzero(out, 32);
}
