#include "daemon/crypto/srp.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "daemon/crypto/dh.h"
#include "daemon/crypto/dh_internal.h"
#include "daemon/crypto/hash.h"
#include "daemon/crypto/srp_internal.h"

enum {
    SIZE = 256,
    ROUNDS = 100000,
    B_MIN = 248,
    /* a + u*x: 2048 bits and a carry, or 512 bits. */
    EXPONENT_SIZE = SIZE + 1,
};

/* SH(data, salt) = H(salt | data | salt). */
static void salted_hash(const void *data, size_t len, const uint8_t *salt, size_t salt_len, uint8_t out[static 32])
{
    hash_sha256(HASH_PIECES({salt, salt_len}, {data, len}, {salt, salt_len}), out);
}

int srp_password_hash(const struct srp_algo *algo, const void *password, size_t len, uint8_t out_x[static 32])
{
    uint8_t once[32], twice[32], slow[64];

    salted_hash(password, len, algo->salt1, algo->salt1_len, once);
    salted_hash(once, sizeof(once), algo->salt2, algo->salt2_len, twice);
    int ok = PKCS5_PBKDF2_HMAC((const char *)twice, sizeof(twice), algo->salt1, (int)algo->salt1_len, ROUNDS,
                               EVP_sha512(), sizeof(slow), slow);
    if (ok == 1)
        salted_hash(slow, sizeof(slow), algo->salt2, algo->salt2_len, out_x);
    sodium_memzero(once, sizeof(once));
    sodium_memzero(twice, sizeof(twice));
    sodium_memzero(slow, sizeof(slow));
    return ok == 1 ? 0 : TGC_ECRYPTO;
}

/* k = H(p | g). */
static void multiplier(const struct srp_algo *algo, uint8_t out[static 32])
{
    uint8_t g[SIZE];

    dh_number(algo->g, g);
    hash_sha256(HASH_PIECES({algo->p, SIZE}, {g, SIZE}), out);
}

/* u = H(A | B), which must not be 0. */
static int scrambler(const uint8_t a[static SIZE], const uint8_t b[static SIZE], uint8_t out[static 32])
{
    hash_sha256(HASH_PIECES({a, SIZE}, {b, SIZE}), out);
    return sodium_is_zero(out, 32) ? TGC_ECRYPTO : 0;
}

/* M1 = H((H(p) ^ H(g)) | H(salt1) | H(salt2) | A | B | K) with K = H(S). */
static void proof(const struct srp_algo *algo, const uint8_t a[static SIZE], const uint8_t b[static SIZE],
                  const uint8_t s[static SIZE], uint8_t out[static 32])
{
    uint8_t g[SIZE], group[32], h_g[32], h_salt1[32], h_salt2[32], k[32];

    dh_number(algo->g, g);
    hash_sha256(HASH_PIECES({algo->p, SIZE}), group);
    hash_sha256(HASH_PIECES({g, SIZE}), h_g);
    for (size_t i = 0; i < sizeof(group); i++)
        group[i] ^= h_g[i];
    hash_sha256(HASH_PIECES({algo->salt1, algo->salt1_len}), h_salt1);
    hash_sha256(HASH_PIECES({algo->salt2, algo->salt2_len}), h_salt2);
    hash_sha256(HASH_PIECES({s, SIZE}), k);
    hash_sha256(HASH_PIECES({group, 32}, {h_salt1, 32}, {h_salt2, 32}, {a, SIZE}, {b, SIZE}, {k, 32}), out);
    sodium_memzero(k, sizeof(k));
}

enum operation { PLUS, MINUS, TIMES };

/* LEFT op RIGHT mod p, never negative; OUT may be one of them. */
static int modular(const uint8_t p[static SIZE], const uint8_t *left, size_t left_len, enum operation operation,
                   const uint8_t right[static SIZE], uint8_t out[static SIZE])
{
    int err = TGC_ENOMEM, ok;
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *m = BN_bin2bn(p, SIZE, NULL), *l = BN_bin2bn(left, (int)left_len, NULL), *r = BN_bin2bn(right, SIZE, NULL);

    if (!ctx || !m || !l || !r)
        goto done;
    if (operation == PLUS)
        ok = BN_mod_add(r, l, r, m, ctx);
    else if (operation == MINUS)
        ok = BN_mod_sub(r, l, r, m, ctx);
    else
        ok = BN_mod_mul(r, l, r, m, ctx);
    err = ok && BN_bn2binpad(r, out, SIZE) == SIZE ? 0 : TGC_ECRYPTO;
done:
    BN_clear_free(r);
    BN_clear_free(l);
    BN_free(m);
    BN_CTX_free(ctx);
    return err;
}

/* a + u*x, not reduced. */
static int exponent(const uint8_t a[static SIZE], const uint8_t u[static 32], const uint8_t x[static 32],
                    uint8_t out[static EXPONENT_SIZE])
{
    int err = TGC_ENOMEM;
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *sum = BN_bin2bn(a, SIZE, NULL), *f = BN_bin2bn(u, 32, NULL), *g = BN_bin2bn(x, 32, NULL),
           *product = BN_new();

    if (!ctx || !sum || !f || !g || !product)
        goto done;
    if (BN_mul(product, f, g, ctx) && BN_add(sum, sum, product) &&
        BN_bn2binpad(sum, out, EXPONENT_SIZE) == EXPONENT_SIZE)
        err = 0;
done:
    BN_clear_free(product);
    BN_clear_free(g);
    BN_free(f);
    BN_clear_free(sum);
    BN_CTX_free(ctx);
    return err;
}

int srp_answer(const struct srp_algo *algo, const uint8_t x[static 32], const uint8_t b[static 256],
               const uint8_t a_secret[static 256], uint8_t out_a[static 256], uint8_t out_m1[static 32])
{
    uint8_t a[SIZE], k[32], u[32], v[SIZE], t[SIZE], s[SIZE], power[EXPONENT_SIZE];

    multiplier(algo, k);
    int err = dh_power_small(algo->p, algo->g, a_secret, SIZE, a);
    if (!err)
        err = scrambler(a, b, u);
    if (!err)
        err = srp_verifier(algo, x, v);
    if (!err)
        err = modular(algo->p, k, sizeof(k), TIMES, v, t);
    if (!err)
        err = modular(algo->p, b, SIZE, MINUS, t, t);
    if (!err)
        err = exponent(a_secret, u, x, power);
    if (!err)
        err = dh_power(algo->p, t, power, sizeof(power), s);
    if (!err) {
        proof(algo, a, b, s, out_m1);
        memcpy(out_a, a, SIZE);
    }
    sodium_memzero(v, sizeof(v));
    sodium_memzero(t, sizeof(t));
    sodium_memzero(s, sizeof(s));
    sodium_memzero(power, sizeof(power));
    return err;
}

/* 0 < V < p. */
static int check_range(const uint8_t p[static SIZE], const uint8_t v[static SIZE])
{
    return sodium_is_zero(v, SIZE) || memcmp(v, p, SIZE) >= 0 ? TGC_ECRYPTO : 0;
}

int srp_client(const struct srp_algo *algo, const uint8_t x[static 32], const uint8_t *b, size_t b_len,
               const struct random_source *random, const uint8_t *a_secret, uint8_t out_a[static 256],
               uint8_t out_m1[static 32], struct fault *fault)
{
    uint8_t padded[SIZE], drawn[SIZE];

    int err = dh_check_group(algo->p, SIZE, algo->g, fault);
    if (err)
        return err;
    if (b_len < B_MIN || b_len > SIZE || dh_pad(b, b_len, padded) || check_range(algo->p, padded))
        return fault_set(fault, TGC_ECRYPTO, "srp_B is out of range");
    if (a_secret)
        memcpy(drawn, a_secret, SIZE);
    else
        random_fill(random, drawn, SIZE);
    err = srp_answer(algo, x, padded, drawn, out_a, out_m1);
    sodium_memzero(drawn, sizeof(drawn));
    return err ? fault_set(fault, err, "the answer to srp_B could not be computed: %s", tgc_err_text(err)) : 0;
}

int srp_verifier(const struct srp_algo *algo, const uint8_t x[static 32], uint8_t out_v[static 256])
{
    return dh_power_small(algo->p, algo->g, x, 32, out_v);
}

int srp_server_public(const struct srp_algo *algo, const uint8_t v[static 256], const uint8_t b_secret[static 256],
                      uint8_t out_b[static 256])
{
    uint8_t k[32], kv[SIZE], power[SIZE];

    multiplier(algo, k);
    int err = modular(algo->p, k, sizeof(k), TIMES, v, kv);
    if (!err)
        err = dh_power_small(algo->p, algo->g, b_secret, SIZE, power);
    if (!err)
        err = modular(algo->p, power, SIZE, PLUS, kv, out_b);
    return err;
}

/* S = (A * v^u)^b. An A of 0 would make S known to everyone. */
int srp_server_check(const struct srp_algo *algo, const uint8_t v[static 256], const uint8_t b_secret[static 256],
                     const uint8_t b[static 256], const uint8_t *a, size_t a_len, const uint8_t m1[static 32])
{
    uint8_t padded[SIZE], u[32], base[SIZE], s[SIZE], want[32];

    if (dh_pad(a, a_len, padded) || check_range(algo->p, padded) || scrambler(padded, b, u))
        return TGC_ECRYPTO;
    int err = dh_power(algo->p, v, u, sizeof(u), base);
    if (!err)
        err = modular(algo->p, padded, SIZE, TIMES, base, base);
    if (!err)
        err = dh_power(algo->p, base, b_secret, SIZE, s);
    if (!err) {
        proof(algo, padded, b, s, want);
        err = sodium_memcmp(want, m1, sizeof(want)) ? TGC_ECRYPTO : 0;
    }
    sodium_memzero(base, sizeof(base));
    sodium_memzero(s, sizeof(s));
    sodium_memzero(want, sizeof(want));
    return err;
}
