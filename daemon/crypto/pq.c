#include "daemon/crypto/pq.h"

#include <stdbool.h>

__extension__ typedef unsigned __int128 u128;

enum {
    /* A factor near 2^31.5 takes some 80,000 steps; a sequence that needs more than this is left for another one. */
    STEPS_MAX = 1 << 18,
    SEQUENCES_MAX = 16,
    /* Differences multiplied up before one gcd. */
    BATCH = 128,
};

static uint64_t mul_mod(uint64_t a, uint64_t b, uint64_t n)
{
    return (uint64_t)((u128)a * b % n);
}

static uint64_t pow_mod(uint64_t base, uint64_t exponent, uint64_t n)
{
    uint64_t result = 1;

    for (base %= n; exponent; exponent >>= 1) {
        if (exponent & 1)
            result = mul_mod(result, base, n);
        base = mul_mod(base, base, n);
    }
    return result;
}

/* Miller-Rabin for odd N > 2; true where BASE does not show that N is composite. */
static bool passes(uint64_t n, uint64_t base)
{
    unsigned twos = (unsigned)__builtin_ctzll(n - 1);
    uint64_t v = pow_mod(base, (n - 1) >> twos, n);

    if (v == 1 || v == n - 1)
        return true;
    for (unsigned i = 1; i < twos; i++) {
        v = mul_mod(v, v, n);
        if (v == n - 1)
            return true;
    }
    return false;
}

/* The first twelve primes as bases decide for every 64-bit number. */
static bool is_prime(uint64_t n)
{
    static const uint8_t primes[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};

    if (n < 2)
        return false;
    for (size_t i = 0; i < sizeof(primes); i++)
        if (n % primes[i] == 0)
            return n == primes[i];
    for (size_t i = 0; i < sizeof(primes); i++)
        if (!passes(n, primes[i]))
            return false;
    return true;
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* A * B / 2^64 modulo N (Montgomery), where INVERSE is -1 / N modulo 2^64: no division, which is most of what a step
 * would cost. A and B are below N, and N is odd and below 2^63, so nothing overflows. */
static uint64_t reduced(uint64_t a, uint64_t b, uint64_t n, uint64_t inverse)
{
    u128 product = (u128)a * b;
    uint64_t v = (uint64_t)((product + (u128)((uint64_t)product * inverse) * n) >> 64);

    return v >= n ? v - n : v;
}

/* Each round doubles the bits that are right; an odd N is its own inverse modulo 8. */
static uint64_t minus_inverse(uint64_t n)
{
    uint64_t v = n;

    for (int bits = 3; bits < 64; bits *= 2)
        v *= 2 - n * v;
    return -v;
}

static uint64_t step(uint64_t v, uint64_t c, uint64_t n, uint64_t inverse)
{
    v = reduced(v, v, n, inverse) + c;
    return v >= n ? v - n : v;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

/* Brent's form of Pollard's rho: a factor of N other than 1 and N, or 0. With v*v / 2^64 + C, which is as good a
 * polynomial as v*v + C; and a power of 2 in the product is no matter to the gcd. */
static uint64_t rho(uint64_t n, uint64_t c)
{
    uint64_t slow, fast = 2, saved = 2, product = 1, g = 1, inverse = minus_inverse(n);
    size_t steps = 0;

    for (size_t length = 1; g == 1; length *= 2) {
        slow = fast;
        for (size_t i = 0; i < length; i++)
            fast = step(fast, c, n, inverse);
        for (size_t done = 0; done < length && g == 1; done += BATCH) {
            saved = fast;
            for (size_t i = 0; i < BATCH && done + i < length; i++) {
                fast = step(fast, c, n, inverse);
                product = reduced(product, distance(slow, fast), n, inverse);
            }
            g = gcd(product, n);
        }
        steps += 2 * length;
        if (g == 1 && steps > STEPS_MAX)
            return 0;
    }
    if (g != n)
        return g;
    /* Both factors came up in one batch: go through it again one by one. It ends, as the batch did. */
    do {
        saved = step(saved, c, n, inverse);
        g = gcd(distance(slow, saved), n);
    } while (g == 1);
    return g == n ? 0 : g;
}

static uint64_t find_factor(uint64_t n)
{
    for (uint64_t c = 1; c <= SEQUENCES_MAX; c++) {
        uint64_t factor = rho(n, c % n);
        if (factor)
            return factor;
    }
    return 0;
}

int pq_factor(uint64_t pq, uint64_t *ret_p, uint64_t *ret_q)
{
    if (pq < 15 || pq % 2 == 0 || pq > INT64_MAX || is_prime(pq))
        return TGC_EINVAL;
    uint64_t p = find_factor(pq);
    if (p == 0)
        return TGC_EINVAL;
    uint64_t q = pq / p;
    if (p == q || !is_prime(p) || !is_prime(q))
        return TGC_EINVAL;
    *ret_p = p < q ? p : q;
    *ret_q = p < q ? q : p;
    return 0;
}

size_t pq_bytes(uint64_t v, uint8_t out[static 8])
{
    size_t len = 1;

    while (len < 8 && v >> (8 * len))
        len++;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(v >> (8 * (len - 1 - i)));
    return len;
}

int pq_parse(const uint8_t *bytes, size_t len, uint64_t *ret)
{
    uint64_t v = 0;

    if (len > 8)
        return TGC_EINVAL;
    for (size_t i = 0; i < len; i++)
        v = v << 8 | bytes[i];
    if (v == 0)
        return TGC_EINVAL;
    *ret = v;
    return 0;
}
