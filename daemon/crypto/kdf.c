#include "daemon/crypto/kdf.h"

#include <string.h>

#include <sodium.h>

#include "daemon/crypto/hash.h"

void kdf_msg_key_large(const uint8_t auth_key[static 256], int x, const void *plain, size_t len, uint8_t out[static 32])
{
    hash_sha256(HASH_PIECES({auth_key + 88 + x, 32}, {plain, len}), out);
}

void kdf_aes(const uint8_t auth_key[static 256], const uint8_t msg_key[static 16], int x, uint8_t key[static 32],
             uint8_t iv[static 32])
{
    uint8_t a[32], b[32];

    hash_sha256(HASH_PIECES({msg_key, 16}, {auth_key + x, 36}), a);
    hash_sha256(HASH_PIECES({auth_key + 40 + x, 36}, {msg_key, 16}), b);
    memcpy(key, a, 8);
    memcpy(key + 8, b + 8, 16);
    memcpy(key + 24, a + 24, 8);
    memcpy(iv, b, 8);
    memcpy(iv + 8, a + 8, 16);
    memcpy(iv + 24, b + 24, 8);
    sodium_memzero(a, sizeof(a));
    sodium_memzero(b, sizeof(b));
}

void kdf_aes_v1(const uint8_t auth_key[static 256], const uint8_t msg_key[static 16], int x, uint8_t key[static 32],
                uint8_t iv[static 32])
{
    const uint8_t *k = auth_key + x;
    uint8_t a[20], b[20], c[20], d[20];

    hash_sha1(HASH_PIECES({msg_key, 16}, {k, 32}), a);
    hash_sha1(HASH_PIECES({k + 32, 16}, {msg_key, 16}, {k + 48, 16}), b);
    hash_sha1(HASH_PIECES({k + 64, 32}, {msg_key, 16}), c);
    hash_sha1(HASH_PIECES({msg_key, 16}, {k + 96, 32}), d);
    memcpy(key, a, 8);
    memcpy(key + 8, b + 8, 12);
    memcpy(key + 20, c + 4, 12);
    memcpy(iv, a + 8, 12);
    memcpy(iv + 12, b, 8);
    memcpy(iv + 20, c + 16, 4);
    memcpy(iv + 24, d, 8);
    sodium_memzero(a, sizeof(a));
    sodium_memzero(b, sizeof(b));
    sodium_memzero(c, sizeof(c));
    sodium_memzero(d, sizeof(d));
}

void kdf_tmp_aes(const uint8_t new_nonce[static 32], const uint8_t server_nonce[static 16], uint8_t key[static 32],
                 uint8_t iv[static 32])
{
    uint8_t new_server[20], server_new[20], new_new[20];

    hash_sha1(HASH_PIECES({new_nonce, 32}, {server_nonce, 16}), new_server);
    hash_sha1(HASH_PIECES({server_nonce, 16}, {new_nonce, 32}), server_new);
    hash_sha1(HASH_PIECES({new_nonce, 32}, {new_nonce, 32}), new_new);
    memcpy(key, new_server, 20);
    memcpy(key + 20, server_new, 12);
    memcpy(iv, server_new + 12, 8);
    memcpy(iv + 8, new_new, 20);
    memcpy(iv + 28, new_nonce, 4);
    sodium_memzero(new_server, sizeof(new_server));
    sodium_memzero(server_new, sizeof(server_new));
    sodium_memzero(new_new, sizeof(new_new));
}

void kdf_auth_key_id(const uint8_t auth_key[static 256], uint8_t id[static 8], uint8_t aux_hash[static 8])
{
    uint8_t h[20];

    hash_sha1(HASH_PIECES({auth_key, 256}), h);
    memcpy(id, h + 12, 8);
    memcpy(aux_hash, h, 8);
}

void kdf_new_nonce_hash(const uint8_t new_nonce[static 32], int n, const uint8_t aux_hash[static 8],
                        uint8_t out[static 16])
{
    uint8_t number = (uint8_t)n, h[20];

    hash_sha1(HASH_PIECES({new_nonce, 32}, {&number, 1}, {aux_hash, 8}), h);
    memcpy(out, h + 4, 16);
}
