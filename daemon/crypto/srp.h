/* Two-step verification (SRP 2048 as "Two-factor authentication" of the API documents describes it), both sides. All
 * numbers are 256-byte big-endian. srp_password_hash() takes 40 to 100 ms: run it off the event loop. Any thread. */
#ifndef TGCALLD_CRYPTO_SRP_H
#define TGCALLD_CRYPTO_SRP_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/base/random.h"

enum { SRP_SALT_MAX = 256 };

/* passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow */
struct srp_algo {
    uint8_t salt1[SRP_SALT_MAX], salt2[SRP_SALT_MAX];
    size_t salt1_len, salt2_len;
    int32_t g;
    uint8_t p[256];
};

/* x = PH2(password, salt1, salt2). */
int srp_password_hash(const struct srp_algo *algo, const void *password, size_t len, uint8_t out_x[static 32]) TGC_MUST;

/* The client's answer to srp_B (B_LEN bytes as received): A and M1, with A's secret drawn from RANDOM. The group and B
 * are checked first (TGC_ECRYPTO). Where the private exponent A_SECRET (256 bytes) is not NULL it is used instead:
 * vectors. */
int srp_client(const struct srp_algo *algo, const uint8_t x[static 32], const uint8_t *b, size_t b_len,
               const struct random_source *random, const uint8_t *a_secret, uint8_t out_a[static 256],
               uint8_t out_m1[static 32], struct fault *fault) TGC_MUST;

/* The server's side. v = g^x. */
int srp_verifier(const struct srp_algo *algo, const uint8_t x[static 32], uint8_t out_v[static 256]) TGC_MUST;
/* B = k*v + g^b for the secret B_SECRET. */
int srp_server_public(const struct srp_algo *algo, const uint8_t v[static 256], const uint8_t b_secret[static 256],
                      uint8_t out_b[static 256]) TGC_MUST;
/* Whether M1 proves the password: 0, or TGC_ECRYPTO. */
int srp_server_check(const struct srp_algo *algo, const uint8_t v[static 256], const uint8_t b_secret[static 256],
                     const uint8_t b[static 256], const uint8_t *a, size_t a_len, const uint8_t m1[static 32]) TGC_MUST;

#endif
