/* GET /state: what there is, for tests to read. */
#ifndef TGCALLD_SANDBOX_CONTROL_STATE_H
#define TGCALLD_SANDBOX_CONTROL_STATE_H

#include "daemon/sandbox/centre/centres.h"

/* A new reference. */
json_t *state_json(const struct centres *s);

#endif
