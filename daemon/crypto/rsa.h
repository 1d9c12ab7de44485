/* RSA as the key exchange uses it: 2048-bit keys, RSA_PAD, fingerprints. Keys are immutable; any thread. */
#ifndef TGCALLD_CRYPTO_RSA_H
#define TGCALLD_CRYPTO_RSA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/base/random.h"

struct rsa_key;

/* The first key of a PEM text: public PKCS#1 or SubjectPublicKeyInfo, or private PKCS#1/PKCS#8. TGC_ESYNTAX: no key in
 * it; TGC_EINVAL: not RSA, not 2048 bits. */
int rsa_key_parse(const char *pem, size_t len, struct rsa_key **ret, struct fault *fault) TGC_MUST;
int rsa_key_read(const char *path, struct rsa_key **ret, struct fault *fault) TGC_MUST;
/* From a modulus and exponent, big-endian. Moduli below 2048 bits are refused. */
int rsa_key_from_numbers(const uint8_t *n, size_t n_len, const uint8_t *e, size_t e_len, struct rsa_key **ret) TGC_MUST;
void rsa_key_free(struct rsa_key *key);

bool rsa_key_is_private(const struct rsa_key *key);
/* Bytes 12..20 of SHA1(TL n, TL e), read as a little-endian integer. */
uint64_t rsa_key_fingerprint(const struct rsa_key *key);
/* The public half as PKCS#1 PEM text; freed by the caller. */
int rsa_key_public_pem(const struct rsa_key *key, char **ret_text) TGC_MUST;

/* RSA_PAD of DATA (at most 144 bytes). Draws new temporary keys until the block is below the modulus. */
int rsa_pad_encrypt(const struct rsa_key *key, const void *data, size_t len, const struct random_source *random,
                    uint8_t out[static 256]) TGC_MUST;
/* The same with the padding (192 - LEN bytes) and one temporary key given: TGC_ELIMIT where the block is not below the
 * modulus. */
int rsa_pad_encrypt_with(const struct rsa_key *key, const void *data, size_t len, const uint8_t *padding,
                         const uint8_t temp_key[static 32], uint8_t out[static 256]) TGC_MUST;
/* Back to the 192 bytes (data and padding). TGC_ECRYPTO: the check inside failed. Needs a private key (TGC_EINVAL). */
int rsa_pad_decrypt(const struct rsa_key *key, const uint8_t in[static 256], uint8_t out[static 192]) TGC_MUST;

/* Plain modular exponentiation on 256-byte numbers, for the old scheme and for tests. TGC_EINVAL where IN is not below
 * n. */
int rsa_public_raw(const struct rsa_key *key, const uint8_t in[static 256], uint8_t out[static 256]) TGC_MUST;
int rsa_private_raw(const struct rsa_key *key, const uint8_t in[static 256], uint8_t out[static 256]) TGC_MUST;

#endif
