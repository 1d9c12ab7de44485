/* Where a login's key is used: whether on two connections at once. Telegram ends a login of which a data centre (but
 * those for media) sees requests on two TCP connections in parallel, from one address or two, with 406
 * AUTH_KEY_DUPLICATED; the login is that of a permanent key, under whatever temporary ones it speaks. Here it is
 * counted and nothing ends, for some clients do so by design. */
#ifndef TGCALLD_SANDBOX_CENTRE_PLACE_H
#define TGCALLD_SANDBOX_CENTRE_PLACE_H

#include "daemon/sandbox/centre/line.h"

/* A packet under A came on L. The first one on a connection moves the login to it, as a client does that dials again
 * while its old connection hangs; one on a connection that the login was moved away from is the lint, and an event. */
void place_note(struct line *l, struct auth *a);

#endif
