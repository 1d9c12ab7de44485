/* The migrate fault: whose phone or session it is lives at another data centre from now on. */
#ifndef TGCALLD_SANDBOX_CENTRE_MIGRATE_H
#define TGCALLD_SANDBOX_CENTRE_MIGRATE_H

#include "daemon/sandbox/rpc/rpc.h"
#include "daemon/sandbox/centre/centres.h"

/* True: a rule struck METHOD, and R has PHONE_MIGRATE or USER_MIGRATE. What a client needs to get there is let through.
 */
bool migrate_strikes(struct centres *s, struct rpc *r, const char *method, const struct account *account,
                     const json_t *params);

#endif
