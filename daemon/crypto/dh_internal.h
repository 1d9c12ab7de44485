/* The parts of the group check, for numbers of any size: for the rest of daemon/crypto and for tests. Any thread. */
#ifndef TGCALLD_CRYPTO_DH_INTERNAL_H
#define TGCALLD_CRYPTO_DH_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/err.h"

/* The rule on p mod 8, 3, 5, 24 or 7 that belongs to G; false for a G outside 2..7. */
bool dh_generator_fits(const uint8_t p[static 256], int32_t g);

/* Whether P and (P-1)/2 are primes, without any memory of earlier verdicts. TGC_ENOMEM. */
int dh_is_safe_prime(const uint8_t p[static 256], bool *ret) TGC_MUST;

/* A small number (not negative) as 256 bytes. */
void dh_number(int32_t v, uint8_t out[static 256]);

#endif
