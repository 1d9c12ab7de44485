/* What a key consists of. Internal to daemon/crypto. */
#ifndef TGCALLD_CRYPTO_RSA_INTERNAL_H
#define TGCALLD_CRYPTO_RSA_INTERNAL_H

#include <openssl/evp.h>

#include "daemon/crypto/rsa.h"

enum { RSA_SIZE = 256 };

struct rsa_key {
    EVP_PKEY *pkey;
    uint8_t n[RSA_SIZE];
    uint64_t fingerprint;
    bool is_private;
};

/* Takes PKEY where it succeeds; leaves it to the caller otherwise. TGC_EINVAL: not RSA as the protocol uses it. */
int rsa_key_wrap(EVP_PKEY *pkey, struct rsa_key **ret) TGC_MUST;

#endif
