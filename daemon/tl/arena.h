/* Memory that is given back all at once: what a schema's tables live in. One thread at a time. */
#ifndef TGCALLD_TL_ARENA_H
#define TGCALLD_TL_ARENA_H

#include <stddef.h>

struct tl_arena_chunk;

struct tl_arena {
    struct tl_arena_chunk *chunks; /* the newest first: only it has room left */
    size_t used, cap;              /* of the newest */
    size_t total;                  /* bytes taken from malloc */
};

/* SIZE zeroed bytes aligned to 8; NULL where memory is gone. A zeroed struct is an empty arena. */
void *tl_arena_alloc(struct tl_arena *a, size_t size);
/* SIZE zeroed bytes for text, aligned to nothing. */
char *tl_arena_text(struct tl_arena *a, size_t size);
void tl_arena_free(struct tl_arena *a);

#endif
