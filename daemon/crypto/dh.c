#include "daemon/crypto/dh.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include <openssl/bn.h>

#include "daemon/crypto/dh_internal.h"

enum { SIZE = 256, VERDICTS = 8 };

/* clang-format off */
const uint8_t dh_telegram_prime[256] = {
    0xc7, 0x1c, 0xae, 0xb9, 0xc6, 0xb1, 0xc9, 0x04, 0x8e, 0x6c, 0x52, 0x2f, 0x70, 0xf1, 0x3f, 0x73,
    0x98, 0x0d, 0x40, 0x23, 0x8e, 0x3e, 0x21, 0xc1, 0x49, 0x34, 0xd0, 0x37, 0x56, 0x3d, 0x93, 0x0f,
    0x48, 0x19, 0x8a, 0x0a, 0xa7, 0xc1, 0x40, 0x58, 0x22, 0x94, 0x93, 0xd2, 0x25, 0x30, 0xf4, 0xdb,
    0xfa, 0x33, 0x6f, 0x6e, 0x0a, 0xc9, 0x25, 0x13, 0x95, 0x43, 0xae, 0xd4, 0x4c, 0xce, 0x7c, 0x37,
    0x20, 0xfd, 0x51, 0xf6, 0x94, 0x58, 0x70, 0x5a, 0xc6, 0x8c, 0xd4, 0xfe, 0x6b, 0x6b, 0x13, 0xab,
    0xdc, 0x97, 0x46, 0x51, 0x29, 0x69, 0x32, 0x84, 0x54, 0xf1, 0x8f, 0xaf, 0x8c, 0x59, 0x5f, 0x64,
    0x24, 0x77, 0xfe, 0x96, 0xbb, 0x2a, 0x94, 0x1d, 0x5b, 0xcd, 0x1d, 0x4a, 0xc8, 0xcc, 0x49, 0x88,
    0x07, 0x08, 0xfa, 0x9b, 0x37, 0x8e, 0x3c, 0x4f, 0x3a, 0x90, 0x60, 0xbe, 0xe6, 0x7c, 0xf9, 0xa4,
    0xa4, 0xa6, 0x95, 0x81, 0x10, 0x51, 0x90, 0x7e, 0x16, 0x27, 0x53, 0xb5, 0x6b, 0x0f, 0x6b, 0x41,
    0x0d, 0xba, 0x74, 0xd8, 0xa8, 0x4b, 0x2a, 0x14, 0xb3, 0x14, 0x4e, 0x0e, 0xf1, 0x28, 0x47, 0x54,
    0xfd, 0x17, 0xed, 0x95, 0x0d, 0x59, 0x65, 0xb4, 0xb9, 0xdd, 0x46, 0x58, 0x2d, 0xb1, 0x17, 0x8d,
    0x16, 0x9c, 0x6b, 0xc4, 0x65, 0xb0, 0xd6, 0xff, 0x9c, 0xa3, 0x92, 0x8f, 0xef, 0x5b, 0x9a, 0xe4,
    0xe4, 0x18, 0xfc, 0x15, 0xe8, 0x3e, 0xbe, 0xa0, 0xf8, 0x7f, 0xa9, 0xff, 0x5e, 0xed, 0x70, 0x05,
    0x0d, 0xed, 0x28, 0x49, 0xf4, 0x7b, 0xf9, 0x59, 0xd9, 0x56, 0x85, 0x0c, 0xe9, 0x29, 0x85, 0x1f,
    0x0d, 0x81, 0x15, 0xf6, 0x35, 0xb1, 0x05, 0xee, 0x2e, 0x4e, 0x15, 0xd0, 0x4b, 0x24, 0x54, 0xbf,
    0x6f, 0x4f, 0xad, 0xf0, 0x34, 0xb1, 0x04, 0x03, 0x11, 0x9c, 0xd8, 0xe3, 0xb9, 0x2f, 0xcc, 0x5b,
};
/* clang-format on */

/* Verdicts on primes other than the known one; the oldest goes first. */
static struct {
    pthread_mutex_t lock;
    struct {
        uint8_t p[SIZE];
        bool known, safe;
    } verdict[VERDICTS];
    unsigned next;
} cache = {.lock = PTHREAD_MUTEX_INITIALIZER};

int dh_pad(const uint8_t *v, size_t len, uint8_t out[static 256])
{
    while (len > 0 && *v == 0) {
        v++;
        len--;
    }
    if (len > SIZE)
        return TGC_EINVAL;
    memset(out, 0, SIZE - len);
    if (len)
        memcpy(out + SIZE - len, v, len);
    return 0;
}

static uint64_t top_word(const uint8_t number[static SIZE])
{
    uint64_t v = 0;

    for (size_t i = 0; i < 8; i++)
        v = v << 8 | number[i];
    return v;
}

static unsigned residue(const uint8_t p[static SIZE], unsigned m)
{
    unsigned r = 0;

    for (size_t i = 0; i < SIZE; i++)
        r = (r << 8 | p[i]) % m;
    return r;
}

bool dh_generator_fits(const uint8_t p[static 256], int32_t g)
{
    unsigned r;

    switch (g) {
    case 2:
        return residue(p, 8) == 7;
    case 3:
        return residue(p, 3) == 2;
    case 4:
        return true;
    case 5:
        r = residue(p, 5);
        return r == 1 || r == 4;
    case 6:
        r = residue(p, 24);
        return r == 19 || r == 23;
    case 7:
        r = residue(p, 7);
        return r == 3 || r == 5 || r == 6;
    default:
        return false;
    }
}

int dh_is_safe_prime(const uint8_t p[static 256], bool *ret)
{
    int err = TGC_ENOMEM;
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *n = BN_bin2bn(p, SIZE, NULL), *half = BN_new();

    if (!ctx || !n || !half || !BN_rshift1(half, n))
        goto done;
    /* 64 rounds of Miller-Rabin each at this size. The odd test comes first as 4 >> 1 is a prime too. */
    int prime = BN_is_odd(n) ? BN_check_prime(half, ctx, NULL) : 0;
    if (prime == 1)
        prime = BN_check_prime(n, ctx, NULL);
    if (prime < 0)
        goto done;
    *ret = prime == 1;
    err = 0;
done:
    BN_free(half);
    BN_free(n);
    BN_CTX_free(ctx);
    return err;
}

static bool cache_find(const uint8_t p[static SIZE], bool *ret_safe)
{
    bool found = false;

    pthread_mutex_lock(&cache.lock);
    for (size_t i = 0; i < VERDICTS && !found; i++) {
        found = cache.verdict[i].known && memcmp(cache.verdict[i].p, p, SIZE) == 0;
        if (found)
            *ret_safe = cache.verdict[i].safe;
    }
    pthread_mutex_unlock(&cache.lock);
    return found;
}

static void cache_put(const uint8_t p[static SIZE], bool safe)
{
    pthread_mutex_lock(&cache.lock);
    unsigned at = cache.next++ % VERDICTS;
    memcpy(cache.verdict[at].p, p, SIZE);
    cache.verdict[at].known = true;
    cache.verdict[at].safe = safe;
    pthread_mutex_unlock(&cache.lock);
}

/* The lock is not held while testing: two threads may test the same prime once each. */
static int prime_verdict(const uint8_t p[static SIZE], bool *ret_safe)
{
    if (memcmp(p, dh_telegram_prime, SIZE) == 0) {
        *ret_safe = true;
        return 0;
    }
    if (cache_find(p, ret_safe))
        return 0;
    int err = dh_is_safe_prime(p, ret_safe);
    if (!err)
        cache_put(p, *ret_safe);
    return err;
}

int dh_check_group(const uint8_t *p, size_t p_len, int32_t g, struct fault *fault)
{
    uint8_t padded[SIZE];
    bool safe;

    if (dh_pad(p, p_len, padded) || !(padded[0] & 0x80))
        return fault_set(fault, TGC_ECRYPTO, "the prime does not have 2048 bits");
    if (!dh_generator_fits(padded, g))
        return fault_set(fault, TGC_ECRYPTO, "%d does not generate the right subgroup of this prime", g);
    int err = prime_verdict(padded, &safe);
    if (err)
        return fault_set(fault, err, "the prime could not be tested: %s", tgc_err_text(err));
    if (!safe)
        return fault_set(fault, TGC_ECRYPTO, "the number is not a safe prime");
    return 0;
}

/* 2^1984 is 1 in the first 8 of the 256 bytes, so the lower bound is "those are not all 0" and the upper one is p with
 * 1 taken from them. */
int dh_check_public(const uint8_t p[static 256], const uint8_t v[static 256])
{
    uint64_t v_top = top_word(v), p_top = top_word(p);

    if (v_top == 0 || p_top == 0 || v_top > p_top - 1)
        return TGC_ECRYPTO;
    if (v_top == p_top - 1 && memcmp(v + 8, p + 8, SIZE - 8) > 0)
        return TGC_ECRYPTO;
    return 0;
}

int dh_power(const uint8_t p[static 256], const uint8_t base[static 256], const uint8_t *exponent, size_t exponent_len,
             uint8_t out[static 256])
{
    int err = TGC_ENOMEM;
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *m = BN_bin2bn(p, SIZE, NULL), *b = BN_bin2bn(base, SIZE, NULL);
    BIGNUM *e = BN_bin2bn(exponent, (int)exponent_len, NULL), *r = BN_new();

    if (!ctx || !m || !b || !e || !r)
        goto done;
    BN_set_flags(e, BN_FLG_CONSTTIME);
    err = TGC_ECRYPTO;
    if (BN_mod_exp_mont_consttime(r, b, e, m, ctx, NULL) && BN_bn2binpad(r, out, SIZE) == SIZE)
        err = 0;
done:
    BN_clear_free(r);
    BN_clear_free(e);
    BN_clear_free(b);
    BN_free(m);
    BN_CTX_free(ctx);
    return err;
}

int dh_power_small(const uint8_t p[static 256], int32_t g, const uint8_t *exponent, size_t exponent_len,
                   uint8_t out[static 256])
{
    uint8_t base[SIZE];

    if (g < 0)
        return TGC_EINVAL;
    dh_number(g, base);
    return dh_power(p, base, exponent, exponent_len, out);
}

void dh_number(int32_t v, uint8_t out[static 256])
{
    uint32_t u = (uint32_t)v;

    memset(out, 0, SIZE - 4);
    for (size_t i = 0; i < 4; i++)
        out[SIZE - 1 - i] = (uint8_t)(u >> (8 * i));
}
