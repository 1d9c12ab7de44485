#include "daemon/tg/strings/session_text.h"

#include <string.h>

#include "daemon/tl/base64.h"

static const char *const names[] = {[SESSION_BASE64] = "base64", [SESSION_BASE64URL] = "base64url"};
static const char specials[][2] = {[SESSION_BASE64] = {'+', '/'}, [SESSION_BASE64URL] = {'-', '_'}};

/* The character of the standard alphabet for C of ours; 0: it is none of ours. */
static char to_standard(enum session_alphabet alphabet, char c)
{
    if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
        return c;
    return c == specials[alphabet][0] ? '+' : c == specials[alphabet][1] ? '/' : 0;
}

static int read(enum session_alphabet alphabet, const char *text, size_t len, char *standard, uint8_t *out,
                size_t *ret_len, struct fault *fault)
{
    size_t pads = 0, digits;

    while (pads < 2 && pads < len && text[len - 1 - pads] == '=')
        pads++;
    digits = len - pads;
    for (size_t i = 0; i < digits; i++) {
        standard[i] = to_standard(alphabet, text[i]);
        if (!standard[i])
            return fault_set(fault, TGC_EINVAL, "character %zu of its %s is none", i + 1, names[alphabet]);
    }
    size_t missing = (4 - digits % 4) % 4;
    if (missing == 3 || (pads && pads != missing))
        return fault_set(fault, TGC_EINVAL, "its %s is not whole: there is a character too many or too few",
                         names[alphabet]);
    memset(standard + digits, '=', missing);
    if (tl_base64_decoded_len(standard, digits + missing, ret_len) != 0 ||
        tl_base64_decode(standard, digits + missing, out) != 0)
        return fault_set(fault, TGC_EINVAL, "its %s does not end as it should", names[alphabet]);
    return 0;
}

int session_text_decode(enum session_alphabet alphabet, const char *text, size_t len,
                        uint8_t out[static SESSION_BYTES_MAX], size_t *ret_len, struct fault *fault)
{
    char standard[LIMIT_SESSION_STRING + 2];
    size_t out_len = 0;

    if (len > LIMIT_SESSION_STRING)
        return fault_set(fault, TGC_EINVAL, "it is longer than %d characters", LIMIT_SESSION_STRING);
    int err = read(alphabet, text, len, standard, out, &out_len, fault);
    explicit_bzero(standard, sizeof(standard));
    if (!err)
        *ret_len = out_len;
    return err;
}

int session_text_encode(enum session_alphabet alphabet, bool padded, const void *data, size_t len, struct buf *out)
{
    size_t n = tl_base64_encoded_len(len);
    char *text = (char *)buf_room(out, n);

    if (!text)
        return buf_err(out);
    tl_base64_encode(data, len, text);
    while (!padded && n > 0 && text[n - 1] == '=')
        n--;
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '+')
            text[i] = specials[alphabet][0];
        else if (text[i] == '/')
            text[i] = specials[alphabet][1];
    }
    buf_add(out, n);
    return 0;
}
