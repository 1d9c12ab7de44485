/* What a token needs: its hash, a comparison that tells nothing by its time, and text for random bytes. */
#ifndef TGCALLD_BASE_DIGEST_H
#define TGCALLD_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DIGEST_SIZE = 32 };

/* Characters (without the NUL) of LEN bytes as base64url without padding. */
#define DIGEST_BASE64URL_LEN(len) (((len)*4 + 2) / 3)

/* SHA-256 (FIPS 180-4). */
void digest_sha256(const void *data, size_t len, uint8_t out[static DIGEST_SIZE]);

/* Whether LEN bytes are the same; takes as long wherever they differ. */
bool digest_equal(const void *a, const void *b, size_t len);

/* RFC 4648 section 5 without padding: DIGEST_BASE64URL_LEN(LEN) characters and a NUL to OUT. */
void digest_base64url(const void *data, size_t len, char *out);

#endif
