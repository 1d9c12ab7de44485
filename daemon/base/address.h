/* HOST:PORT as people write it, and whether an address is this machine. */
#ifndef TGCALLD_BASE_ADDRESS_H
#define TGCALLD_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

struct sockaddr;

struct address {
    char host[256]; /* without brackets */
    uint16_t port;
    bool numeric;  /* an IPv4 or IPv6 address rather than a name */
    bool v6;       /* an IPv6 address */
    bool loopback; /* as below, or the name localhost */
};

/* "127.0.0.1:8765", "[::1]:8765", "name.example:443". Port 0 is taken only with ANY_PORT. TGC_EINVAL with a sentence.
 */
int address_from_text(const char *text, bool any_port, struct address *ret, struct fault *fault) TGC_MUST;

/* 127.0.0.0/8 or ::1: who is bound to it, or comes from it, is this machine. */
bool address_is_loopback(const struct sockaddr *address);

/* The bytes of an IP address, which point into it: 4, also of an IPv4 address that an IPv6 socket shows as
 * ::ffff:192.0.2.1, else 16; 0: it is none. */
size_t address_bytes(const struct sockaddr *address, const uint8_t **ret);

#endif
