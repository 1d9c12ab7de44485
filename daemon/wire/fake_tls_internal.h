/* The TLS that an MTProxy plays (secrets that begin with ee): its greetings, and the records of its stream. */
#ifndef TGCALLD_WIRE_FAKE_TLS_INTERNAL_H
#define TGCALLD_WIRE_FAKE_TLS_INTERNAL_H

#include "daemon/base/random.h"
#include "daemon/wire/tunnel_internal.h"

enum {
    CLIENT_HELLO_SIZE = 517,
    CLIENT_RANDOM_AT = 11, /* of a ClientHello's record and of a ServerHello's alike */
    CLIENT_RANDOM_SIZE = TUNNEL_RANDOM_SIZE,
    RECORD_HEAD = 5,
    RECORD_MAX = (16 << 10) + 256, /* RFC 8446, 5.2 */
    RECORD_CHANGE_CIPHER = 0x14,
    RECORD_ALERT = 0x15,
    RECORD_HANDSHAKE = 0x16,
    RECORD_DATA = 0x17,
};

/* Appends the record of a ClientHello for DOMAIN with zeros for its random. Errors stick to OUT. */
void client_hello_put(const char *domain, const struct random_source *random, struct buf *out);

/* What a ServerHello must have for its random: a digest of all that is sent with it (LEN bytes at REPLY, more than
 * CLIENT_RANDOM_AT + CLIENT_RANDOM_SIZE) and of the client's random. */
void fake_tls_server_random(const uint8_t key[static PROXY_KEY_SIZE], const uint8_t client_random[static 32],
                            const uint8_t *reply, size_t len, uint8_t out[static 32]);

/* The type and the length of a record's head at P. TGC_EPROTO: it is none. */
int record_head(const uint8_t p[static RECORD_HEAD], size_t *ret_len, struct fault *fault) TGC_MUST;

#endif
