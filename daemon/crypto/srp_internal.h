/* The client's formulas without the checks of group and srp_B, as published vectors use tiny groups. Any thread. */
#ifndef TGCALLD_CRYPTO_SRP_INTERNAL_H
#define TGCALLD_CRYPTO_SRP_INTERNAL_H

#include "daemon/crypto/srp.h"

/* TGC_ECRYPTO where u is 0 or libcrypto refuses. */
int srp_answer(const struct srp_algo *algo, const uint8_t x[static 32], const uint8_t b[static 256],
               const uint8_t a_secret[static 256], uint8_t out_a[static 256], uint8_t out_m1[static 32]) TGC_MUST;

#endif
