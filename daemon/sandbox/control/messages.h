/* POST /messages: what people without a client say in a chat. */
#ifndef TGCALLD_SANDBOX_CONTROL_MESSAGES_H
#define TGCALLD_SANDBOX_CONTROL_MESSAGES_H

#include <jansson.h>

#include "daemon/base/fault.h"
#include "daemon/sandbox/centre/centres.h"

/* The answer; NULL: FAULT says what is wrong with BODY, TGC_EINVAL. */
json_t *messages_post(struct centres *s, const json_t *body, struct fault *fault);

#endif
