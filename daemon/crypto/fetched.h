/* The algorithms of libcrypto that this room uses, fetched once a process: a fetch costs more than a small message.
 * Internal to daemon/crypto. Any thread. */
#ifndef TGCALLD_CRYPTO_FETCHED_H
#define TGCALLD_CRYPTO_FETCHED_H

#include <openssl/evp.h>

struct fetched {
    EVP_MD *sha1, *sha256, *sha512;
    EVP_CIPHER *aes_cbc, *aes_ecb, *aes_ctr; /* 256 bits each */
};

/* Never NULL; a member is NULL where libcrypto does not offer the algorithm, and EVP then fails on it. */
const struct fetched *fetched(void);

#endif
