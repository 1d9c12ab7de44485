#include "daemon/crypto/hmac.h"

#include <sodium.h>

void hmac_sha256(const void *key, size_t key_len, const struct piece *pieces, size_t n, uint8_t out[static 32])
{
    crypto_auth_hmacsha256_state state;

    crypto_auth_hmacsha256_init(&state, key, key_len);
    for (size_t i = 0; i < n; i++)
        crypto_auth_hmacsha256_update(&state, pieces[i].data, pieces[i].len);
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof(state));
}
