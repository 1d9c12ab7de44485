/* RSA_PAD of mtproto "auth_key", section "RSA_PAD(data, server_public_key)". */
#include <string.h>

#include <sodium.h>

#include "daemon/crypto/hash.h"
#include "daemon/crypto/ige.h"
#include "daemon/crypto/rsa_internal.h"

enum {
    PADDED = 192,
    HASHED = PADDED + 32,
    DATA_MAX = 144,
    /* A block misses a 2048-bit modulus at worst every second time. */
    TRIES_MAX = 128,
};

static const uint8_t zero_iv[32];

static void reverse(const uint8_t *in, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = in[len - 1 - i];
}

static int encrypt_padded(const struct rsa_key *key, const uint8_t padded[static PADDED],
                          const uint8_t temp_key[static 32], uint8_t out[static RSA_SIZE])
{
    uint8_t block[RSA_SIZE], mask[32];
    uint8_t *hashed = block + 32;

    reverse(padded, hashed, PADDED);
    hash_sha256(HASH_PIECES({temp_key, 32}, {padded, PADDED}), hashed + PADDED);
    int err = ige_encrypt(temp_key, zero_iv, hashed, hashed, HASHED);
    if (!err) {
        hash_sha256(HASH_PIECES({hashed, HASHED}), mask);
        for (size_t i = 0; i < 32; i++)
            block[i] = temp_key[i] ^ mask[i];
        err = memcmp(block, key->n, RSA_SIZE) >= 0 ? TGC_ELIMIT : rsa_public_raw(key, block, out);
    }
    sodium_memzero(block, sizeof(block));
    return err;
}

int rsa_pad_encrypt_with(const struct rsa_key *key, const void *data, size_t len, const uint8_t *padding,
                         const uint8_t temp_key[static 32], uint8_t out[static 256])
{
    uint8_t padded[PADDED];

    if (len > DATA_MAX)
        return TGC_EINVAL;
    memcpy(padded, data, len);
    memcpy(padded + len, padding, PADDED - len);
    int err = encrypt_padded(key, padded, temp_key, out);
    sodium_memzero(padded, sizeof(padded));
    return err;
}

int rsa_pad_encrypt(const struct rsa_key *key, const void *data, size_t len, const struct random_source *random,
                    uint8_t out[static 256])
{
    uint8_t padding[PADDED], temp_key[32];
    int err = TGC_ELIMIT;

    random_fill(random, padding, sizeof(padding));
    for (int i = 0; i < TRIES_MAX && err == TGC_ELIMIT; i++) {
        random_fill(random, temp_key, sizeof(temp_key));
        err = rsa_pad_encrypt_with(key, data, len, padding, temp_key, out);
    }
    sodium_memzero(padding, sizeof(padding));
    sodium_memzero(temp_key, sizeof(temp_key));
    /* Only a random source that repeats itself gets here with TGC_ELIMIT. */
    return err == TGC_ELIMIT ? TGC_ECRYPTO : err;
}

int rsa_pad_decrypt(const struct rsa_key *key, const uint8_t in[static 256], uint8_t out[static 192])
{
    uint8_t block[RSA_SIZE], temp_key[32], padded[PADDED], check[32];
    uint8_t *hashed = block + 32;

    if (!key->is_private)
        return TGC_EINVAL;
    if (rsa_private_raw(key, in, block))
        return TGC_ECRYPTO;
    hash_sha256(HASH_PIECES({hashed, HASHED}), temp_key);
    for (size_t i = 0; i < 32; i++)
        temp_key[i] ^= block[i];
    int err = ige_decrypt(temp_key, zero_iv, hashed, hashed, HASHED);
    if (!err) {
        reverse(hashed, padded, PADDED);
        hash_sha256(HASH_PIECES({temp_key, 32}, {padded, PADDED}), check);
        err = sodium_memcmp(check, hashed + PADDED, sizeof(check)) ? TGC_ECRYPTO : 0;
    }
    if (!err)
        memcpy(out, padded, PADDED);
    sodium_memzero(block, sizeof(block));
    sodium_memzero(temp_key, sizeof(temp_key));
    sodium_memzero(padded, sizeof(padded));
    return err;
}
