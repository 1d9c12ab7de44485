/* What the latest creates answered, as the bytes of their layer: the same intent is answered the same again. Older ones
 * are forgotten, so that a call costs no more than itself. */
#ifndef TGCALLD_SANDBOX_WORLD_FIRST_H
#define TGCALLD_SANDBOX_WORLD_FIRST_H

#include <stddef.h>
#include <stdint.h>

enum { WORLD_FIRSTS = 1024, WORLD_FIRST_MAX = 16 << 10 /* bytes of one; a larger one is not kept */ };

struct world_first {
    struct world_first **owner; /* where it is pointed to from */
    int layer;
    size_t len;
    uint8_t bytes[];
};

/* A ring. */
struct world_firsts {
    struct world_first *slots[WORLD_FIRSTS];
    unsigned at;
};

/* Keeps DATA (copied) in *OWNER, which is NULL before, and again once it is forgotten, and outlives F. Where memory is
 * short or DATA too long, nothing is kept. */
void world_first_keep(struct world_firsts *f, struct world_first **owner, int layer, const void *data, size_t len);
void world_firsts_fini(struct world_firsts *f);

#endif
