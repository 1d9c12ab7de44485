#include "daemon/base/digest.h"

#include <sodium.h>

void digest_sha256(const void *data, size_t len, uint8_t out[static DIGEST_SIZE])
{
    crypto_hash_sha256(out, data, len);
}

bool digest_equal(const void *a, const void *b, size_t len)
{
    return sodium_memcmp(a, b, len) == 0;
}

void digest_base64url(const void *data, size_t len, char *out)
{
    sodium_bin2base64(out, DIGEST_BASE64URL_LEN(len) + 1, data, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}
