/* The sealed message inside auth.bindTempAuthKey: sealed by MTProto 1.0. */
#ifndef TGCALLD_TESTS_SANDBOX_SEAL_V1_H
#define TGCALLD_TESTS_SANDBOX_SEAL_V1_H

#include <stdint.h>

enum { SEAL_V1_INNER = 40, SEAL_V1_PLAIN = 72, SEAL_V1_PADDED = 80 };

/* msg_key and ciphertext of PLAIN under the permanent key K. 0, or libcrypto failed. */
int seal_v1(const uint8_t k[static 256], const uint8_t plain[static SEAL_V1_PADDED],
            uint8_t out[static 16 + SEAL_V1_PADDED]);

#endif
