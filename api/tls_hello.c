#include "api/tls_hello.h"

enum { HANDSHAKE = 22 };

static bool take_message_byte(struct tls_hello *h, uint8_t byte)
{
    if (h->message_left > 0) {
        h->message_left--;
        return true;
    }
    h->message[h->message_n++] = byte;
    if (h->message_n < sizeof(h->message))
        return true;
    h->message_n = 0;
    h->message_left = (size_t)h->message[1] << 16 | (size_t)h->message[2] << 8 | h->message[3];
    return h->message_left <= TLS_HELLO_MAX;
}

size_t tls_hello_step(struct tls_hello *h, const uint8_t *data, size_t len, bool *ret_ok)
{
    *ret_ok = true;
    for (size_t i = 0; i < len; i++) {
        if (h->record_n < sizeof(h->record)) {
            h->record[h->record_n++] = data[i];
            h->record_left = (size_t)h->record[3] << 8 | h->record[4];
        } else {
            h->record_left--;
            if (h->record[0] == HANDSHAKE && !take_message_byte(h, data[i])) {
                *ret_ok = false;
                return i;
            }
        }
        if (h->record_n == sizeof(h->record) && h->record_left == 0) {
            h->record_n = 0;
            return i + 1;
        }
    }
    return len;
}
