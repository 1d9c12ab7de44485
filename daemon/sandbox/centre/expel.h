/* Logins of a user that are ended from elsewhere. */
#ifndef TGCALLD_SANDBOX_CENTRE_EXPEL_H
#define TGCALLD_SANDBOX_CENTRE_EXPEL_H

#include "daemon/sandbox/centre/centres.h"

/* Every key that is logged in as USER is nobody's from now on, for this RPC error (account_end()), and the connections
 * of its sessions close. How many there were. */
unsigned expel(struct centres *s, const struct world_user *user, int code, const char *error);

#endif
