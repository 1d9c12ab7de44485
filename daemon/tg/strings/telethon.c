/* Telethon 1.x: the version, then base64url with padding of dc (1 byte), IP address (4 or 16), port (2), key, all
 * big-endian. */
#include <arpa/inet.h>

#include "daemon/tg/strings/session_string_internal.h"

enum { IPV4 = 4, IPV6 = 16, FIXED = 1 + 2 + SESSION_KEY_SIZE };

static int unpack(const uint8_t *b, size_t len, struct session_string *ret, struct fault *fault)
{
    size_t ip = len - FIXED;

    if (len != FIXED + IPV4 && len != FIXED + IPV6)
        return fault_set(fault, TGC_EINVAL, "it has %zu bytes where %d or %d were expected", len, FIXED + IPV4,
                         FIXED + IPV6);
    ret->dc = b[0];
    if (!inet_ntop(ip == IPV4 ? AF_INET : AF_INET6, b + 1, ret->address, sizeof(ret->address)))
        return fault_set(fault, TGC_EINVAL, "its address is none");
    ret->port = (uint16_t)be_load(b + 1 + ip, 2);
    memcpy(ret->key, b + 1 + ip + 2, sizeof(ret->key));
    return 0;
}

int session_read_telethon(const char *text, size_t len, struct session_string *ret, struct fault *fault)
{
    uint8_t b[SESSION_BYTES_MAX];
    size_t n;
    int err = session_skip_version(&text, &len, fault);

    if (!err)
        err = session_text_decode(SESSION_BASE64URL, text, len, b, &n, fault);
    if (!err)
        err = unpack(b, n, ret, fault);
    explicit_bzero(b, sizeof(b));
    return err;
}

int session_write_telethon(const struct session_string *s, struct buf *out, struct fault *fault)
{
    uint8_t b[FIXED + IPV6], ip[IPV6], *p = b;
    int err = session_needs_address(s, fault);
    size_t ip_len = err                                        ? 0
                    : inet_pton(AF_INET, s->address, ip) == 1  ? IPV4
                    : inet_pton(AF_INET6, s->address, ip) == 1 ? IPV6
                                                               : 0;

    if (!err && ip_len == 0)
        err = fault_set(fault, TGC_EINVAL, "Telethon's strings have IP addresses, and \"%.80s\" is a name", s->address);
    if (err)
        return err;
    *p++ = (uint8_t)s->dc;
    p = bytes_store(p, ip, ip_len);
    p = be_store(p, s->port, 2);
    p = bytes_store(p, s->key, sizeof(s->key));
    buf_put_byte(out, '1');
    err = session_text_encode(SESSION_BASE64URL, true, b, (size_t)(p - b), out);
    explicit_bzero(b, sizeof(b));
    return err;
}
