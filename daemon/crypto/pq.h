/* Factors pq of the key exchange: *P < *Q. TGC_EINVAL where PQ is not the product of two odd primes, or above 2^63-1.
 * Bounded time. */
#ifndef TGCALLD_CRYPTO_PQ_H
#define TGCALLD_CRYPTO_PQ_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"

int pq_factor(uint64_t pq, uint64_t *ret_p, uint64_t *ret_q) TGC_MUST;

/* The minimal big-endian form (no leading zero byte) that TL carries; returns its length, 1..8. */
size_t pq_bytes(uint64_t v, uint8_t out[static 8]);
/* Big-endian bytes → value; TGC_EINVAL for 0 or more than 8 bytes. */
int pq_parse(const uint8_t *bytes, size_t len, uint64_t *ret) TGC_MUST;

#endif
