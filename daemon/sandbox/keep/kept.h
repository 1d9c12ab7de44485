/* What the data centres keep, as JSON: the world, and the keys that are logged in. Sessions end with the process. */
#ifndef TGCALLD_SANDBOX_KEEP_KEPT_H
#define TGCALLD_SANDBOX_KEEP_KEPT_H

#include "daemon/sandbox/centre/centres.h"

json_t *kept_pack(const struct centres *s);
/* TGC_ESYNTAX, TGC_ENOMEM; S is of no use then. */
int kept_unpack(struct centres *s, const json_t *kept) TGC_MUST;

#endif
