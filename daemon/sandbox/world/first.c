#include "daemon/sandbox/world/first.h"

#include <stdlib.h>
#include <string.h>

static void forget(struct world_first **slot)
{
    if (*slot)
        *(*slot)->owner = NULL;
    free(*slot);
    *slot = NULL;
}

void world_first_keep(struct world_firsts *f, struct world_first **owner, int layer, const void *data, size_t len)
{
    struct world_first **slot = &f->slots[f->at % WORLD_FIRSTS];
    struct world_first *first = len <= WORLD_FIRST_MAX && !*owner ? malloc(sizeof(*first) + len) : NULL;

    if (!first)
        return;
    forget(slot);
    *first = (struct world_first){.owner = owner, .layer = layer, .len = len};
    memcpy(first->bytes, data, len);
    *owner = *slot = first;
    f->at++;
}

void world_firsts_fini(struct world_firsts *f)
{
    for (size_t i = 0; i < WORLD_FIRSTS; i++)
        forget(&f->slots[i]);
}
