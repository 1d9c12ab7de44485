/* The account that --sandbox has ready: Alice, logged in through the same jobs as a REST client would post. */
#ifndef TGCALLD_SANDBOX_ACCOUNT_H
#define TGCALLD_SANDBOX_ACCOUNT_H

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/bridge/workers.h"

/* Blocks until the account "sandbox" is ready or a step was refused (TGC_ESTATE with what was said). */
int sandbox_account_login(const struct workers *workers, int64_t timeout_us, struct fault *fault) TGC_MUST;

#endif
