#include "daemon/sandbox/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

json_t *json_from_bytes(const void *data, size_t len)
{
    const uint8_t *in = data;
    char *text = malloc((len + 2) / 3 * 4 + 1);
    char *at = text;

    if (!text)
        return NULL;
    for (size_t i = 0; i < len; i += 3) {
        uint32_t v = (uint32_t)in[i] << 16;
        if (i + 1 < len)
            v |= (uint32_t)in[i + 1] << 8;
        if (i + 2 < len)
            v |= in[i + 2];
        *at++ = digits[v >> 18];
        *at++ = digits[v >> 12 & 63];
        *at++ = i + 1 < len ? digits[v >> 6 & 63] : '=';
        *at++ = i + 2 < len ? digits[v & 63] : '=';
    }
    json_t *j = json_stringn(text, (size_t)(at - text));
    free(text);
    return j;
}

int json_get_bytes(const json_t *object, const char *key, void *out, size_t size, size_t *ret_len)
{
    const json_t *j = json_object_get(object, key);
    const char *text = json_string_value(j);
    size_t text_len = json_string_length(j), n = 0;
    uint8_t *to = out;

    if (!text || text_len % 4 != 0)
        return TGC_EINVAL;
    for (size_t i = 0; i < text_len; i += 4) {
        uint32_t v = 0;
        unsigned got = 0;
        for (size_t k = 0; k < 4; k++) {
            const char *p = text[i + k] && text[i + k] != '=' ? strchr(digits, text[i + k]) : NULL;
            if (!p && (text[i + k] != '=' || k < 2 || i + 4 != text_len))
                return TGC_EINVAL;
            v = v << 6 | (p ? (uint32_t)(p - digits) : 0);
            got += p ? 1 : 0;
        }
        for (unsigned k = 0; k + 1 < got; k++) {
            if (n == size)
                return TGC_EINVAL;
            to[n++] = (uint8_t)(v >> (16 - 8 * k));
        }
    }
    *ret_len = n;
    return 0;
}

int64_t json_as_long(const json_t *value)
{
    char *end;

    if (json_is_integer(value))
        return json_integer_value(value);
    if (!json_is_string(value))
        return 0;
    errno = 0;
    long long v = strtoll(json_string_value(value), &end, 10);
    return errno || *end ? 0 : v;
}

int64_t json_get_long(const json_t *object, const char *key)
{
    return json_as_long(json_object_get(object, key));
}

const char *json_get_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

bool json_get_true(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

const char *json_tag(const json_t *object)
{
    return json_get_text(object, "_");
}

void json_put(json_t *object, const char *key, json_t *value)
{
    if (value)
        json_object_set_new(object, key, value);
}

void json_put_flag(json_t *object, const char *key, bool is_set)
{
    if (is_set)
        json_object_set_new(object, key, json_true());
}
