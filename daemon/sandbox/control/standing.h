/* POST /account: how an account stands with Telegram. */
#ifndef TGCALLD_SANDBOX_CONTROL_STANDING_H
#define TGCALLD_SANDBOX_CONTROL_STANDING_H

#include "daemon/sandbox/centre/centres.h"

/* {"user" or "phone", "act", …} as control.h has it: {"keys": how many logins it ended}. NULL: FAULT says what is wrong
 * with it, and nothing was done. */
json_t *standing_set(struct centres *s, const json_t *body, struct fault *fault);

#endif
