/* POST /rights: an admin of a chat may manage its calls from now on, or may not. */
#ifndef TGCALLD_SANDBOX_CONTROL_RIGHTS_H
#define TGCALLD_SANDBOX_CONTROL_RIGHTS_H

#include <jansson.h>

#include "daemon/base/fault.h"
#include "daemon/sandbox/centre/centres.h"

/* {}; NULL: FAULT says what is wrong with BODY, TGC_EINVAL. */
json_t *rights_set(struct centres *s, const json_t *body, struct fault *fault);

#endif
