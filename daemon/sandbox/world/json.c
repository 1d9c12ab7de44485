#include "daemon/sandbox/world/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/utf8.h"
#include "daemon/tl/base64.h"

json_t *json_from_bytes(const void *data, size_t len)
{
    size_t text_len = tl_base64_encoded_len(len);
    char *text = malloc(text_len + 1);

    if (!text)
        return NULL;
    tl_base64_encode(data, len, text);
    json_t *j = json_stringn(text, text_len);
    free(text);
    return j;
}

int json_get_bytes(const json_t *object, const char *key, void *out, size_t size, size_t *ret_len)
{
    const json_t *j = json_object_get(object, key);
    const char *text = json_string_value(j);
    size_t len;

    if (!text || tl_base64_decoded_len(text, json_string_length(j), &len) || len > size)
        return TGC_EINVAL;
    int err = tl_base64_decode(text, json_string_length(j), out);
    if (!err)
        *ret_len = len;
    return err;
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
    const json_t *value = json_object_get(object, key);
    const char *text = json_string_value(value);

    return text && strlen(text) == json_string_length(value) ? text : "";
}

void json_copy_text(const json_t *object, const char *key, char *out, size_t size)
{
    const char *text = json_get_text(object, key);
    size_t len = strlen(text);

    if (len >= size)
        len = utf8_cut(text, size - 1);
    memcpy(out, text, len);
    out[len] = '\0';
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
