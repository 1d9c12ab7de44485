/* POST /calls/{id}/{act}: what people do in a call who have no client. */
#ifndef TGCALLD_SANDBOX_CONTROL_CALLS_H
#define TGCALLD_SANDBOX_CONTROL_CALLS_H

#include "daemon/sandbox/centre/centres.h"

/* PATH is behind "/calls/"; BODY as control.h has it, NULL: there is none. {"people", "updates", "version",
 * "participants_count"}, or NULL: FAULT says what is wrong with it (TGC_EUNKNOWN: there is no such call), and nothing
 * was done. */
json_t *calls_act(struct centres *s, const char *path, const json_t *body, struct fault *fault);

#endif
