/* The table of what the control port answers. */
#ifndef TGCALLD_SANDBOX_CONTROL_ROUTES_H
#define TGCALLD_SANDBOX_CONTROL_ROUTES_H

#include "daemon/sandbox/centre/centres.h"

/* The answer (a new reference) and *RET_STATUS. BODY is NULL where there is none. */
json_t *route_request(struct centres *s, const char *method, const char *path, uint64_t since, const json_t *body,
                      unsigned *ret_status);

#endif
