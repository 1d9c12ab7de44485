/* A data centre goes to another address, as POST /move has it. */
#ifndef TGCALLD_SANDBOX_CONTROL_MOVE_H
#define TGCALLD_SANDBOX_CONTROL_MOVE_H

#include "daemon/sandbox/centre/centres.h"

/* {"dc", "address"} as it is now; NULL: it stays, and FAULT says why. */
json_t *move_set(struct centres *s, const json_t *body, struct fault *fault);

#endif
