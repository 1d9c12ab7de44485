#include "daemon/mt/rpc_error.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_at(const char *s)
{
    size_t n = 0;

    while (is_digit(s[n]))
        n++;
    return n;
}

/* "FLOOD_WAIT_17", "FILE_PART_3_MISSING", but neither "SHA256_HASH_INVALID" nor "2FA_CONFIRM_WAIT_5"'s first digit. */
static bool is_parameter(const char *text, size_t at, size_t n)
{
    return (at == 0 || text[at - 1] == '_') && (text[at + n] == '\0' || text[at + n] == '_');
}

/* Beyond 64 bits it is as large as can be: who waits for it must not take it for a small one. */
static int64_t number(const char *s, size_t n)
{
    int64_t v = 0;

    for (size_t i = 0; i < n; i++) {
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, s[i] - '0', &v))
            return INT64_MAX;
    }
    return v;
}

void mt_rpc_error_set(struct mt_rpc_error *e, int32_t code, const void *message, size_t len)
{
    const unsigned char *bytes = message;
    size_t out = 0;

    memset(e, 0, sizeof(*e));
    e->code = code;
    if (len > MT_RPC_ERROR_TEXT_MAX - 1)
        len = MT_RPC_ERROR_TEXT_MAX - 1;
    for (size_t i = 0; i < len; i++)
        e->message[i] = (char)(bytes[i] >= 0x20 && bytes[i] < 0x7f ? bytes[i] : '?');
    for (size_t i = 0; i < len;) {
        size_t n = digits_at(e->message + i);
        if (n && is_parameter(e->message, i, n)) {
            if (!e->has_parameter)
                e->parameter = number(e->message + i, n);
            e->has_parameter = true;
            e->family[out++] = 'X';
            i += n;
        } else {
            n = n ? n : 1;
            memcpy(e->family + out, e->message + i, n);
            out += n;
            i += n;
        }
    }
}
