/* Who asks from where: Host against DNS rebinding, Origin against other sites' pages, CORS for listed origins. */
#ifndef TGCALLD_API_GUARD_H
#define TGCALLD_API_GUARD_H

#include <stdbool.h>

#include "api/request.h"

/* The rules of RFC 9112 that libmicrohttpd does not hold a request to: one Host, one Content-Length or one
 * Transfer-Encoding, which is "chunked". What two readers of a connection could take for two things is refused by 400,
 * headers beyond API_HEADERS_MAX by 431; the connection is closed then. */
bool guard_framing(struct request *r);

/* Refuses the request (403) where Host or Origin is not one of ours; keeps a listed Origin in it. False: refused. */
bool guard_check(struct request *r);

/* Whether it is a CORS preflight (of a listed origin, after guard_check). */
bool guard_is_preflight(const struct request *r);

/* "example.org:80", "[::1]" → its host without port and brackets in RET. False: not a host. Any case. */
enum { GUARD_HOST_SIZE = 256 };
bool guard_host_parse(const char *text, char ret[static GUARD_HOST_SIZE]);

#endif
