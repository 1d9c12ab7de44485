/* What a sandbox keeps, as JSON: the world, and the keys that are logged in. Sessions end with the process, and nobody
 * is in a call afterwards. */
#ifndef TGCALLD_SANDBOX_KEEP_WORLD_H
#define TGCALLD_SANDBOX_KEEP_WORLD_H

#include "daemon/sandbox/sandbox_internal.h"

json_t *keep_pack(const struct sandbox *s);
/* Into a world that is seeded. TGC_ESYNTAX, TGC_ENOMEM; the world is of no use then. */
int keep_unpack(struct sandbox *s, const json_t *kept) TGC_MUST;

#endif
