/* The world as JSON. Nobody is in a call afterwards. */
#ifndef TGCALLD_SANDBOX_KEEP_KEEP_WORLD_H
#define TGCALLD_SANDBOX_KEEP_KEEP_WORLD_H

#include <jansson.h>

#include "daemon/sandbox/world/world.h"

/* Into the object KEPT. */
void keep_world_pack(const struct world *w, json_t *kept);
/* Into a world that is seeded. TGC_ESYNTAX, TGC_ENOMEM; the world is of no use then. */
int keep_world_unpack(struct world *w, const json_t *kept) TGC_MUST;

#endif
