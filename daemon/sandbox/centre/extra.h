/* Users for tests of scale, each logged in on a key of its own from the start: who is given the key goes on with that
 * login, as from another program's session. */
#ifndef TGCALLD_SANDBOX_CENTRE_EXTRA_H
#define TGCALLD_SANDBOX_CENTRE_EXTRA_H

#include "daemon/sandbox/centre/centres.h"

/* N of them, at most WORLD_EXTRA_MAX. TGC_ENOMEM. */
int extra_add(struct centres *s, unsigned n) TGC_MUST;
/* [{"user", "phone", "dc", "key": base64}] of those whose login is not over; a new reference. */
json_t *extra_list(const struct centres *s);

#endif
