/* "127.0.0.1:4000", "[::1]:0" → a socket address on loopback; anything else is refused. */
#ifndef TGCALLD_SANDBOX_PORT_ADDRESS_H
#define TGCALLD_SANDBOX_PORT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "daemon/base/fault.h"

int address_parse(const char *text, struct sockaddr_storage *ret, struct fault *fault) TGC_MUST;
/* HOST without brackets and PORT of a bound address; TEXT as above. */
void address_format(const struct sockaddr_storage *a, char *text, size_t text_size, char *host, size_t host_size,
                    int *ret_port);

#endif
