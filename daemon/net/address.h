/* Where a server listens. */
#ifndef TGCALLD_NET_ADDRESS_H
#define TGCALLD_NET_ADDRESS_H

#include <stdint.h>

enum { NET_HOST_MAX = 256 }; /* a DNS name has at most 253 bytes */

struct net_address {
    char host[NET_HOST_MAX]; /* a name or an address */
    uint16_t port;
};

#endif
