#include "daemon/crypto/rsa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "daemon/base/le.h"
#include "daemon/crypto/hash.h"
#include "daemon/crypto/rsa_internal.h"

enum { BITS = 2048, SIZE = RSA_SIZE, EXPONENT_MAX = 8 };

/* SHA1 over n and e as TL strings: n has 256 bytes, hence the long form without padding; e is short. */
static uint64_t fingerprint(const uint8_t n[static SIZE], const uint8_t *e, size_t e_len)
{
    static const uint8_t n_head[4] = {0xfe, SIZE & 0xff, SIZE >> 8, 0}, zero[3];
    uint8_t e_head = (uint8_t)e_len, digest[20];

    hash_sha1(HASH_PIECES({n_head, 4}, {n, SIZE}, {&e_head, 1}, {e, e_len}, {zero, 3 - e_len % 4}), digest);
    return le64_load(digest + 12);
}

int rsa_key_wrap(EVP_PKEY *pkey, struct rsa_key **ret)
{
    int err = TGC_EINVAL;
    BIGNUM *n = NULL, *e = NULL, *d = NULL;
    uint8_t e_bytes[EXPONENT_MAX];
    struct rsa_key *key = calloc(1, sizeof(*key));

    if (!key)
        return TGC_ENOMEM;
    if (!EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) ||
        !EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e))
        goto done;
    if (BN_num_bits(n) != BITS || !BN_is_odd(n) || !BN_is_odd(e) || BN_is_one(e) || BN_num_bytes(e) > EXPONENT_MAX)
        goto done;
    if (BN_bn2binpad(n, key->n, SIZE) != SIZE)
        goto done;
    key->is_private = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_D, &d) == 1;
    key->fingerprint = fingerprint(key->n, e_bytes, (size_t)BN_bn2bin(e, e_bytes));
    key->pkey = pkey;
    *ret = key;
    key = NULL;
    err = 0;
done:
    free(key);
    BN_clear_free(d);
    BN_free(e);
    BN_free(n);
    return err;
}

int rsa_key_from_numbers(const uint8_t *n, size_t n_len, const uint8_t *e, size_t e_len, struct rsa_key **ret)
{
    int err = TGC_ENOMEM;
    EVP_PKEY *pkey = NULL;
    OSSL_PARAM *params = NULL;

    /* Leading zeros may come along, but nothing that libcrypto would chew on for long. */
    if (n_len > SIZE + 8 || e_len > SIZE)
        return TGC_EINVAL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *n_bn = BN_bin2bn(n, (int)n_len, NULL), *e_bn = BN_bin2bn(e, (int)e_len, NULL);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (!build || !n_bn || !e_bn || !ctx || !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n_bn) ||
        !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e_bn))
        goto done;
    params = OSSL_PARAM_BLD_to_param(build);
    if (!params)
        goto done;
    err = TGC_EINVAL;
    if (EVP_PKEY_fromdata_init(ctx) == 1 && EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) == 1)
        err = rsa_key_wrap(pkey, ret);
done:
    if (err)
        EVP_PKEY_free(pkey);
    OSSL_PARAM_free(params);
    EVP_PKEY_CTX_free(ctx);
    BN_free(e_bn);
    BN_free(n_bn);
    OSSL_PARAM_BLD_free(build);
    return err;
}

void rsa_key_free(struct rsa_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->pkey);
    free(key);
}

bool rsa_key_is_private(const struct rsa_key *key)
{
    return key->is_private;
}

uint64_t rsa_key_fingerprint(const struct rsa_key *key)
{
    return key->fingerprint;
}

typedef int rsa_init(EVP_PKEY_CTX *ctx);
typedef int rsa_step(EVP_PKEY_CTX *ctx, unsigned char *out, size_t *out_len, const unsigned char *in, size_t in_len);

/* libcrypto's own RSA without padding rather than a bare power: with the private key it blinds and uses the primes. */
static int raw(const struct rsa_key *key, rsa_init *init, rsa_step *step, const uint8_t *in, uint8_t *out)
{
    uint8_t result[SIZE];
    size_t len = sizeof(result);
    int err = TGC_ECRYPTO;

    if (memcmp(in, key->n, SIZE) >= 0)
        return TGC_EINVAL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    if (!ctx)
        return TGC_ENOMEM;
    if (init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1 &&
        step(ctx, result, &len, in, SIZE) == 1 && len == SIZE) {
        memcpy(out, result, SIZE);
        err = 0;
    }
    EVP_PKEY_CTX_free(ctx);
    OPENSSL_cleanse(result, sizeof(result));
    return err;
}

int rsa_public_raw(const struct rsa_key *key, const uint8_t in[static 256], uint8_t out[static 256])
{
    return raw(key, EVP_PKEY_encrypt_init, EVP_PKEY_encrypt, in, out);
}

int rsa_private_raw(const struct rsa_key *key, const uint8_t in[static 256], uint8_t out[static 256])
{
    if (!key->is_private)
        return TGC_EINVAL;
    return raw(key, EVP_PKEY_decrypt_init, EVP_PKEY_decrypt, in, out);
}
