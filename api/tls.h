/* The server's side of TLS (RFC 8446, RFC 5246) for one connection, by OpenSSL without its sockets: bytes come in,
 * bytes to be sent gather, and who has it moves both. One thread at a time. */
#ifndef TGCALLD_API_TLS_H
#define TGCALLD_API_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/buf.h"
#include "daemon/base/err.h"

struct tls;
struct tls_keys;

/* What one record holds at most. */
enum { TLS_RECORD_MAX = 16 << 10 };

/* By what is in force in KEYS now. NULL: nothing is, or memory is gone. */
struct tls *tls_new(struct tls_keys *keys);
/* NULL is fine. */
void tls_free(struct tls *t);

/* Takes in LEN bytes that came, and appends to OUT what the client says by them. TGC_EPROTO: the connection is over,
 * and WHY says so; what is to be sent may still tell the client. TGC_ENOMEM, TGC_ELIMIT (OUT, or a client that has
 * answers made and takes none). What comes after its end is not heard. */
int tls_feed(struct tls *t, const void *data, size_t len, struct buf *out, const char **why) TGC_MUST;
/* The client said that no more of it comes (close_notify), and by TLS 1.2 awaits the same. */
bool tls_has_ended(const struct tls *t);
/* Makes one record of LEN bytes, 1 to TLS_RECORD_MAX. TGC_ESTATE: the handshake is not over, or all is. */
int tls_seal(struct tls *t, const void *data, size_t len) TGC_MUST;
/* The client is told that no more comes. */
void tls_end(struct tls *t);

/* What is to be sent; until the next call here. */
size_t tls_waiting(const struct tls *t, const uint8_t **ret);
/* N bytes of it were. */
void tls_sent(struct tls *t, size_t n);

/* Who the client is by its certificate. */
struct tls_client {
    char subject[1024]; /* by RFC 2253: a dozen names of 64 characters, as X.509 has them at most */
    int64_t ends_at;    /* up to when the certificate and those that vouch for it hold, in Unix seconds */
};
/* By the authorities that are in force in KEYS now. False: it has shown none that holds, or its subject is longer. */
bool tls_client(const struct tls *t, struct tls_keys *keys, struct tls_client *ret);

/* "TLSv1.3"; the handshake is over. NULL: it is not. */
const char *tls_version(const struct tls *t);

#endif
