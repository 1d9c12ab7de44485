#include "daemon/tl/encode_internal.h"

#include <string.h>

#include "daemon/base/hex.h"
#include "daemon/base/limits.h"
#include "daemon/tl/base64.h"
#include "daemon/tl/writer.h"

static const char *name_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a number with a fraction";
    case JSON_NULL:
        return "null";
    default:
        return "true or false";
    }
}

static int wrong_type(const json_t *value, const char *wanted, struct fault *fault)
{
    return fault_set(fault, TGC_EINVAL, "wants %s, not %s", wanted, name_of(value));
}

static int encode_int(const json_t *value, struct buf *out, struct fault *fault)
{
    if (!json_is_integer(value))
        return wrong_type(value, "an integer", fault);
    json_int_t v = json_integer_value(value);
    if (v < INT32_MIN || v > INT32_MAX)
        return fault_set(fault, TGC_EINVAL, "%lld does not fit into 32 bits", (long long)v);
    tl_write_i32(out, (int32_t)v);
    return 0;
}

/* [-]digits, all of them. */
static int parse_long(const char *p, size_t len, int64_t *ret)
{
    const char *end = p + len;
    bool is_negative = len > 0 && *p == '-';
    uint64_t u = 0, max = is_negative ? (uint64_t)1 << 63 : INT64_MAX;

    p += is_negative;
    if (p == end)
        return TGC_EINVAL;
    for (; p < end; p++) {
        if (*p < '0' || *p > '9')
            return TGC_EINVAL;
        unsigned digit = (unsigned)(*p - '0');
        if (u > (max - digit) / 10)
            return TGC_ELIMIT;
        u = u * 10 + digit;
    }
    *ret = (int64_t)(is_negative ? 0 - u : u);
    return 0;
}

int tl_encode_read_long(const json_t *value, int64_t *ret, struct fault *fault)
{
    if (json_is_integer(value)) {
        *ret = json_integer_value(value);
        return 0;
    }
    if (!json_is_string(value))
        return wrong_type(value, "a decimal string or an integer", fault);
    int err = parse_long(json_string_value(value), json_string_length(value), ret);
    if (err == TGC_ELIMIT)
        return fault_set(fault, TGC_EINVAL, "does not fit into 64 bits");
    return err ? fault_set(fault, TGC_EINVAL, "wants decimal digits") : 0;
}

static int encode_long(const json_t *value, struct buf *out, struct fault *fault)
{
    int64_t v;

    int err = tl_encode_read_long(value, &v, fault);
    if (!err)
        tl_write_i64(out, v);
    return err;
}

static int encode_double(const json_t *value, struct buf *out, struct fault *fault)
{
    if (!json_is_number(value))
        return wrong_type(value, "a number", fault);
    tl_write_double(out, json_number_value(value));
    return 0;
}

static int encode_raw(const json_t *value, size_t len, struct buf *out, struct fault *fault)
{
    uint8_t raw[32];

    if (!json_is_string(value))
        return wrong_type(value, "hex digits", fault);
    if (hex_decode(json_string_value(value), json_string_length(value), raw, len))
        return fault_set(fault, TGC_EINVAL, "wants %zu hex digits", 2 * len);
    tl_write_raw(out, raw, len);
    return 0;
}

static int too_long(struct fault *fault)
{
    return fault_set(fault, TGC_ELIMIT, "longer than %d bytes", LIMIT_TL_STRING);
}

static int encode_bytes(const json_t *value, struct buf *out, struct fault *fault)
{
    size_t len;

    if (!json_is_string(value))
        return wrong_type(value, "base64", fault);
    const char *text = json_string_value(value);
    size_t text_len = json_string_length(value);
    if (tl_base64_decoded_len(text, text_len, &len))
        return fault_set(fault, TGC_EINVAL, "is not base64 with padding");
    if (len > LIMIT_TL_STRING)
        return too_long(fault);
    uint8_t *p = tl_write_bytes_room(out, len);
    if (p && tl_base64_decode(text, text_len, p))
        return fault_set(fault, TGC_EINVAL, "is not base64 with padding");
    return 0;
}

/* Text, or {"_bytes": base64} for what is not UTF-8. */
static int encode_string(const json_t *value, struct buf *out, struct fault *fault)
{
    if (json_is_object(value)) {
        const json_t *bytes = json_object_get(value, "_bytes");
        if (!bytes || json_object_size(value) != 1)
            return fault_set(fault, TGC_EINVAL, "wants text or {\"_bytes\": base64}");
        int err = encode_bytes(bytes, out, fault);
        if (err)
            fault_path_member(fault, "_bytes");
        return err;
    }
    if (!json_is_string(value))
        return wrong_type(value, "text", fault);
    if (json_string_length(value) > LIMIT_TL_STRING)
        return too_long(fault);
    tl_write_bytes(out, json_string_value(value), json_string_length(value));
    return 0;
}

static int encode_truth(enum tl_kind kind, const json_t *value, struct buf *out, struct fault *fault)
{
    if (!json_is_boolean(value))
        return wrong_type(value, "true or false", fault);
    if (kind == TL_BOOL)
        tl_write_bool(out, json_is_true(value));
    else if (!json_is_true(value))
        return fault_set(fault, TGC_EINVAL, "can only be true");
    return 0;
}

int tl_encode_scalar(enum tl_kind kind, const json_t *value, struct buf *out, struct fault *fault)
{
    switch (kind) {
    case TL_INT:
        return encode_int(value, out, fault);
    case TL_LONG:
        return encode_long(value, out, fault);
    case TL_DOUBLE:
        return encode_double(value, out, fault);
    case TL_INT128:
        return encode_raw(value, 16, out, fault);
    case TL_INT256:
        return encode_raw(value, 32, out, fault);
    case TL_STRING:
        return encode_string(value, out, fault);
    case TL_BYTES:
        return encode_bytes(value, out, fault);
    case TL_BOOL:
    case TL_TRUE:
        return encode_truth(kind, value, out, fault);
    default:
        return fault_set(fault, TGC_EINVAL, "cannot be given");
    }
}
