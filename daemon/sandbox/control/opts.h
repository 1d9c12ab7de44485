/* POST /opts: what lasts until it is set again. */
#ifndef TGCALLD_SANDBOX_CONTROL_OPTS_H
#define TGCALLD_SANDBOX_CONTROL_OPTS_H

#include "daemon/sandbox/centre/centres.h"

/* The options as they are; a new reference. */
json_t *opts_json(const struct centres *s);
/* Takes all MEMBERS or none: NULL, or the name of the first that is wrong. */
const char *opts_set(struct centres *s, const json_t *members);

#endif
