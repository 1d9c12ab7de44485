/* GramJS and teleproto: the version, then base64 with padding of dc (1 byte), the address's length (2), the address as
 * text, port (2), key, all big-endian. */
#include "daemon/tg/strings/session_string_internal.h"

enum {
    FIXED = 1 + 2 + 2 + SESSION_KEY_SIZE,
    /* Of 1 to 3 characters the text would be as long as one of Telethon with an IPv4 address, which GramJS takes it for
     * then; it reads no longer address than 100, and no port that is negative as a 16-bit number. */
    ADDRESS_LEAST = 4,
    ADDRESS_MOST = 100,
    PORT_MOST = INT16_MAX,
};

static int unpack(const uint8_t *b, size_t len, struct session_string *ret, struct fault *fault)
{
    size_t address = len < FIXED ? 0 : (size_t)be_load(b + 1, 2);

    if (len < FIXED || address != len - FIXED)
        return fault_set(fault, TGC_EINVAL, "it has %zu bytes, and they do not fit together", len);
    if (address < ADDRESS_LEAST || address > ADDRESS_MOST)
        return fault_set(fault, TGC_EINVAL, "its address has %zu characters", address);
    ret->dc = b[0];
    int err = session_put_address(ret, b + 3, address, fault);
    ret->port = (uint16_t)be_load(b + 3 + address, 2);
    memcpy(ret->key, b + 3 + address + 2, sizeof(ret->key));
    return err;
}

int session_read_gramjs(const char *text, size_t len, struct session_string *ret, struct fault *fault)
{
    uint8_t b[SESSION_BYTES_MAX];
    size_t n;
    int err = session_skip_version(&text, &len, fault);

    if (!err)
        err = session_text_decode(SESSION_BASE64, text, len, b, &n, fault);
    if (!err)
        err = unpack(b, n, ret, fault);
    explicit_bzero(b, sizeof(b));
    return err;
}

int session_write_gramjs(const struct session_string *s, struct buf *out, struct fault *fault)
{
    uint8_t b[FIXED + ADDRESS_MOST], *p = b;
    size_t len = strlen(s->address);
    int err = session_needs_address(s, fault);

    if (!err && (len < ADDRESS_LEAST || len > ADDRESS_MOST))
        err =
            fault_set(fault, TGC_EINVAL, "GramJS takes addresses of %d to %d characters", ADDRESS_LEAST, ADDRESS_MOST);
    if (!err && s->port > PORT_MOST)
        err = fault_set(fault, TGC_EINVAL, "GramJS takes ports up to %d, and data centre %d has %u", PORT_MOST, s->dc,
                        s->port);
    if (err)
        return err;
    *p++ = (uint8_t)s->dc;
    p = be_store(p, len, 2);
    p = bytes_store(p, s->address, len);
    p = be_store(p, s->port, 2);
    p = bytes_store(p, s->key, sizeof(s->key));
    buf_put_byte(out, '1');
    err = session_text_encode(SESSION_BASE64, true, b, (size_t)(p - b), out);
    explicit_bzero(b, sizeof(b));
    return err;
}
