/* What a client announces in the open before there is a key (RFC 8446, 4.1.2 and 5.1): OpenSSL makes room for a
 * ClientHello as long as its first bytes say, up to 128 KiB, when there is nothing of it yet. */
#ifndef TGCALLD_API_TLS_HELLO_H
#define TGCALLD_API_TLS_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A hello has some hundred bytes, and under two thousand with the largest keys that are in use. */
enum { TLS_HELLO_MAX = 16 << 10 };

/* All zeroes is the beginning of a connection. */
struct tls_hello {
    uint8_t record[5], message[4]; /* headers, as far as they came */
    size_t record_n, message_n;
    size_t record_left, message_left;
};

/* How many of LEN bytes are of the record under way; where they are all of it, the next call begins another. False in
 * RET_OK: it begins a message that is to be longer than TLS_HELLO_MAX, and none of it may be taken in. */
size_t tls_hello_step(struct tls_hello *h, const uint8_t *data, size_t len, bool *ret_ok);

#endif
