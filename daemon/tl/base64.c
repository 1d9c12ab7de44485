#include "daemon/tl/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void tl_base64_encode(const void *data, size_t len, char *out)
{
    const uint8_t *p = data;

    for (; len >= 3; len -= 3, p += 3, out += 4) {
        uint32_t v = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
        out[0] = digits[v >> 18];
        out[1] = digits[v >> 12 & 63];
        out[2] = digits[v >> 6 & 63];
        out[3] = digits[v & 63];
    }
    if (len == 0)
        return;
    uint32_t v = (uint32_t)p[0] << 16 | (len == 2 ? (uint32_t)p[1] << 8 : 0);
    out[0] = digits[v >> 18];
    out[1] = digits[v >> 12 & 63];
    out[2] = len == 2 ? digits[v >> 6 & 63] : '=';
    out[3] = '=';
}

int tl_base64_decoded_len(const char *text, size_t text_len, size_t *ret_len)
{
    if (text_len % 4 != 0)
        return TGC_EINVAL;
    size_t len = text_len / 4 * 3;
    if (text_len > 0 && text[text_len - 1] == '=')
        len -= text[text_len - 2] == '=' ? 2 : 1;
    *ret_len = len;
    return 0;
}

static int digit_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int tl_base64_decode(const char *text, size_t text_len, void *out)
{
    uint8_t *p = out;
    size_t len;
    uint32_t bits = 0;
    unsigned bits_n = 0;

    int err = tl_base64_decoded_len(text, text_len, &len);
    if (err)
        return err;
    /* The digits are what the padding leaves: len bytes take ceil(len * 8 / 6) of them. */
    size_t digits_n = (len * 4 + 2) / 3;
    for (size_t i = 0; i < digits_n; i++) {
        int v = digit_value(text[i]);
        if (v < 0)
            return TGC_EINVAL;
        bits = bits << 6 | (uint32_t)v;
        bits_n += 6;
        if (bits_n >= 8) {
            bits_n -= 8;
            *p++ = (uint8_t)(bits >> bits_n);
        }
    }
    return bits & ((1u << bits_n) - 1) ? TGC_EINVAL : 0;
}
