/* Who asks from where: Host against DNS rebinding, Origin against other sites' pages, CORS for listed origins. */
#ifndef TGCALLD_API_GUARD_H
#define TGCALLD_API_GUARD_H

#include <stdbool.h>

#include "api/request.h"

/* Refuses the request (403) where Host or Origin is not one of ours, or (400) where Host is none; keeps a listed Origin
 * in it. False: refused. */
bool guard_check(struct request *r);

/* Whether it is a CORS preflight (of a listed origin, after guard_check). */
bool guard_is_preflight(const struct request *r);

/* "example.org:80", "[::1]" → its host without port and brackets in RET. False: not a host. Any case. */
enum { GUARD_HOST_SIZE = 256 };
bool guard_host_parse(const char *text, char ret[static GUARD_HOST_SIZE]);

#endif
