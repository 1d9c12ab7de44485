#include <string.h>

#include <sodium.h>

#include "daemon/base/hex.h"
#include "daemon/base/proxy_internal.h"

enum { MARK_PADDED = 0xdd, MARK_TLS = 0xee, BYTES_MAX = 1 + PROXY_KEY_SIZE + PROXY_DOMAIN_MAX };

static bool decode(const char *text, size_t len, uint8_t out[static BYTES_MAX], size_t *ret_len)
{
    static const int variants[] = {sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING,
                                   sodium_base64_VARIANT_URLSAFE, sodium_base64_VARIANT_URLSAFE_NO_PADDING};

    if (len / 2 <= BYTES_MAX && hex_decode(text, len, out, len / 2) == 0) {
        *ret_len = len / 2;
        return true;
    }
    for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
        if (sodium_base642bin(out, BYTES_MAX, text, len, NULL, ret_len, NULL, variants[i]) == 0)
            return true;
    return false;
}

static bool is_domain(const uint8_t *text, size_t len)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

    for (size_t i = 0; i < len; i++)
        if (text[i] == '\0' || !strchr(allowed, text[i]))
            return false;
    return len > 0;
}

int proxy_secret_parse(const char *text, size_t len, struct proxy *ret, struct fault *fault)
{
    uint8_t bytes[BYTES_MAX];
    size_t n = 0, domain_len;
    const uint8_t *key = bytes;
    int err = 0;

    if (!decode(text, len, bytes, &n))
        return fault_set(fault, TGC_EINVAL, "the secret is neither hex nor base64, or is longer than %d bytes",
                         BYTES_MAX);
    if (n == 1 + PROXY_KEY_SIZE && bytes[0] == MARK_PADDED) {
        key++;
        ret->padded = true;
    } else if (n > 1 + PROXY_KEY_SIZE && bytes[0] == MARK_TLS) {
        key++;
        domain_len = n - 1 - PROXY_KEY_SIZE;
        ret->padded = true;
        if (!is_domain(key + PROXY_KEY_SIZE, domain_len))
            err = fault_set(fault, TGC_EINVAL, "what follows the 16 bytes of an ee secret is no domain name");
        else
            memcpy(ret->domain, key + PROXY_KEY_SIZE, domain_len); /* what is behind it is zero */
    } else if (n != PROXY_KEY_SIZE) {
        err =
            fault_set(fault, TGC_EINVAL,
                      "a secret has 16 bytes, dd and 16 bytes, or ee, 16 bytes and a domain name; this one has %zu", n);
    }
    if (!err)
        memcpy(ret->key, key, PROXY_KEY_SIZE);
    sodium_memzero(bytes, sizeof(bytes));
    return err;
}
