/* HOST:PORT as people write it. */
#ifndef TGCALLD_BASE_ADDRESS_H
#define TGCALLD_BASE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

struct address {
    char host[256]; /* without brackets */
    uint16_t port;
    bool numeric;  /* an IPv4 or IPv6 address rather than a name */
    bool v6;       /* an IPv6 address */
    bool loopback; /* 127.0.0.0/8, ::1, or the name localhost */
};

/* "127.0.0.1:8765", "[::1]:8765", "name.example:443". Port 0 is taken only with ANY_PORT. TGC_EINVAL with a sentence.
 */
int address_from_text(const char *text, bool any_port, struct address *ret, struct fault *fault) TGC_MUST;

#endif
