/* Memory that is given back all at once: what a schema's tables live in. One thread at a time. */
#ifndef TGCALLD_TL_ARENA_H
#define TGCALLD_TL_ARENA_H

#include <stddef.h>

#include "daemon/base/err.h"

struct tl_arena_chunk;

struct tl_arena {
    struct tl_arena_chunk *chunks; /* the newest first: only it has room left */
    size_t used, cap;              /* of the newest */
    size_t total;                  /* bytes taken from malloc */
};

/* So many bytes behind all that was allocated may be read, whatever stands there. */
enum { TL_ARENA_BEHIND = 16 };

/* SIZE zeroed bytes aligned to 8; NULL where memory is gone. A zeroed struct is an empty arena. */
void *tl_arena_alloc(struct tl_arena *a, size_t size);
/* SIZE zeroed bytes for text, aligned to nothing. */
char *tl_arena_text(struct tl_arena *a, size_t size);
/* Room for SIZE bytes at once, of many that will be asked for. TGC_ENOMEM. */
int tl_arena_reserve(struct tl_arena *a, size_t size) TGC_MUST;
void tl_arena_free(struct tl_arena *a);

#endif
