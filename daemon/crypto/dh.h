/* Diffie-Hellman of the key exchange and of SRP: checks and powers on 256-byte big-endian numbers. Any thread. Powers
 * take about 2 ms, the check of an unknown safe prime about 200 ms. */
#ifndef TGCALLD_CRYPTO_DH_H
#define TGCALLD_CRYPTO_DH_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

/* P is a 2048-bit safe prime and G (2..7) generates the right subgroup: g=2: p mod 8 = 7; 3: p mod 3 = 2; 4: always; 5:
 * p mod 5 in 1, 4; 6: p mod 24 in 19, 23; 7: p mod 7 in 3, 5, 6. The prime that Telegram is known to use is recognised
 * without a test, another one's verdict is remembered. TGC_ECRYPTO. */
int dh_check_group(const uint8_t *p, size_t p_len, int32_t g, struct fault *fault) TGC_MUST;

/* 1 < v < p-1 and 2^1984 <= v <= p - 2^1984. TGC_ECRYPTO. */
int dh_check_public(const uint8_t p[static 256], const uint8_t v[static 256]) TGC_MUST;

/* g^exponent mod p, left-padded to 256 bytes; constant time in the exponent. */
int dh_power(const uint8_t p[static 256], const uint8_t base[static 256], const uint8_t *exponent, size_t exponent_len,
             uint8_t out[static 256]) TGC_MUST;
int dh_power_small(const uint8_t p[static 256], int32_t g, const uint8_t *exponent, size_t exponent_len,
                   uint8_t out[static 256]) TGC_MUST;

/* A number as TL carries it (1..256 bytes) left-padded to 256; TGC_EINVAL where it is longer without its leading
 * zeros. */
int dh_pad(const uint8_t *v, size_t len, uint8_t out[static 256]) TGC_MUST;

/* Telegram's well-known 2048-bit safe prime: what the sandbox uses. */
extern const uint8_t dh_telegram_prime[256];

#endif
