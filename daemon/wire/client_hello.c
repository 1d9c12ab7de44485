/* A ClientHello of TLS 1.3 (RFC 8446) as browsers send it, with values of GREASE (RFC 8701) and padded (RFC 7685) to
 * the length that all servers of this kind take. */
#include <string.h>

#include "daemon/crypto/x25519.h"
#include "daemon/wire/fake_tls_internal.h"

enum {
    GREASES = 5,
    PADDING = 21,
    EXTENSION_HEAD = 4,
};

static void put16(struct buf *out, unsigned v)
{
    buf_put_byte(out, (uint8_t)(v >> 8));
    buf_put_byte(out, (uint8_t)v);
}

static void put_list(struct buf *out, const uint16_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put16(out, values[i]);
}

/* A length of two bytes, known once what it is of is written. */
static size_t begin(struct buf *out)
{
    put16(out, 0);
    return out->len;
}

static void end(struct buf *out, size_t at)
{
    if (buf_err(out))
        return;
    out->data[at - 2] = (uint8_t)((out->len - at) >> 8);
    out->data[at - 1] = (uint8_t)(out->len - at);
}

static void put_random(struct buf *out, const struct random_source *random, size_t len)
{
    uint8_t *room = buf_room(out, len);

    if (!room)
        return;
    random_fill(random, room, len);
    buf_add(out, len);
}

static void put_ciphers(struct buf *out, uint16_t grease)
{
    static const uint16_t ciphers[] = {0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9,
                                       0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
    size_t at = begin(out);

    put16(out, grease);
    put_list(out, ciphers, sizeof(ciphers) / sizeof(ciphers[0]));
    end(out, at);
}

static void put_extension(struct buf *out, uint16_t type, const void *data, size_t len)
{
    put16(out, type);
    put16(out, (unsigned)len);
    buf_put(out, data, len);
}

static void put_server_name(struct buf *out, const char *domain)
{
    put16(out, 0);
    size_t extension = begin(out), list = begin(out);
    buf_put_byte(out, 0); /* host_name */
    size_t name = begin(out);
    buf_put_text(out, domain);
    end(out, name);
    end(out, list);
    end(out, extension);
}

static void put_groups(struct buf *out, uint16_t grease)
{
    static const uint16_t groups[] = {0x001d, 0x0017, 0x0018};

    put16(out, 10);
    size_t extension = begin(out), list = begin(out);
    put16(out, grease);
    put_list(out, groups, sizeof(groups) / sizeof(groups[0]));
    end(out, list);
    end(out, extension);
}

static void put_signatures(struct buf *out)
{
    static const uint16_t algorithms[] = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601};

    put16(out, 13);
    size_t extension = begin(out), list = begin(out);
    put_list(out, algorithms, sizeof(algorithms) / sizeof(algorithms[0]));
    end(out, list);
    end(out, extension);
}

static void put_key_share(struct buf *out, uint16_t grease, const struct random_source *random)
{
    uint8_t secret[32], public[32];

    random_fill(random, secret, sizeof(secret));
    x25519_public(secret, public); /* of a key that nobody will use */
    put16(out, 51);
    size_t extension = begin(out), list = begin(out);
    put16(out, grease);
    put16(out, 1);
    buf_put_byte(out, 0);
    put16(out, 0x001d);
    put16(out, sizeof(public));
    buf_put(out, public, sizeof(public));
    end(out, list);
    end(out, extension);
}

static void put_versions(struct buf *out, uint16_t grease)
{
    put16(out, 43);
    size_t extension = begin(out);
    buf_put_byte(out, 6);
    put16(out, grease);
    put16(out, 0x0304);
    put16(out, 0x0303);
    end(out, extension);
}

static void put_extensions(struct buf *out, const char *domain, const uint16_t grease[static GREASES],
                           const struct random_source *random)
{
    put_extension(out, grease[1], NULL, 0);
    put_server_name(out, domain);
    put_extension(out, 23, NULL, 0);     /* extended_master_secret */
    put_extension(out, 0xff01, "\0", 1); /* renegotiation_info */
    put_groups(out, grease[2]);
    put_extension(out, 11, "\1\0", 2); /* ec_point_formats */
    put_extension(out, 35, NULL, 0);   /* session_ticket */
    put_extension(out, 16, "\0\x0c\x02h2\x08http/1.1", 14);
    put_extension(out, 5, "\1\0\0\0\0", 5); /* status_request */
    put_signatures(out);
    put_extension(out, 18, NULL, 0); /* signed_certificate_timestamp */
    put_key_share(out, grease[2], random);
    put_extension(out, 45, "\1\1", 2); /* psk_key_exchange_modes */
    put_versions(out, grease[3]);
    put_extension(out, grease[4], "\0", 1);
}

static void draw_greases(uint16_t out[static GREASES], const struct random_source *random)
{
    for (size_t i = 0; i < GREASES; i++)
        out[i] = (uint16_t)(0x0a0a + 0x1010 * random_below(random, 16));
    if (out[4] == out[1]) /* both are extensions, and none comes twice */
        out[4] ^= 0x1010;
}

void client_hello_put(const char *domain, const struct random_source *random, struct buf *out)
{
    uint16_t grease[GREASES];
    size_t start = out->len;

    draw_greases(grease, random);
    buf_put(out, "\x16\x03\x01", 3);
    size_t record = begin(out);
    buf_put(out, "\1\0", 2); /* client_hello, and the first byte of its length */
    size_t hello = begin(out);
    buf_put(out, "\3\3", 2);
    buf_put_zero(out, CLIENT_RANDOM_SIZE);
    buf_put_byte(out, 32);
    put_random(out, random, 32); /* the session's id */
    put_ciphers(out, grease[0]);
    buf_put(out, "\1\0", 2); /* no compression */
    size_t extensions = begin(out);
    put_extensions(out, domain, grease, random);
    size_t len = out->len - start;
    if (len + EXTENSION_HEAD <= CLIENT_HELLO_SIZE) {
        put16(out, PADDING);
        put16(out, (unsigned)(CLIENT_HELLO_SIZE - len - EXTENSION_HEAD));
        buf_put_zero(out, CLIENT_HELLO_SIZE - len - EXTENSION_HEAD);
    }
    end(out, extensions);
    end(out, hello);
    end(out, record);
}
