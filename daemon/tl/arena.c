#include "daemon/tl/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "daemon/base/pages.h"

enum { CHUNK_SIZE = 32 << 10, ALIGN = 8 };

struct tl_arena_chunk {
    struct tl_arena_chunk *next;
    alignas(ALIGN) char data[];
};

static struct tl_arena_chunk *chunk_new(struct tl_arena *a, size_t size)
{
    struct tl_arena_chunk *c = calloc(1, sizeof(*c) + size + TL_ARENA_BEHIND);

    if (c)
        a->total += sizeof(*c) + size + TL_ARENA_BEHIND;
    return c;
}

void *tl_arena_alloc(struct tl_arena *a, size_t size)
{
    a->used = (a->used + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    return tl_arena_text(a, size);
}

char *tl_arena_text(struct tl_arena *a, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    if (a->chunks && a->used <= a->cap && size <= a->cap - a->used) {
        char *p = a->chunks->data + a->used;
        a->used += size;
        return p;
    }
    bool is_big = size > CHUNK_SIZE / 4;
    struct tl_arena_chunk *c = chunk_new(a, is_big ? size : CHUNK_SIZE);
    if (!c)
        return NULL;
    if (is_big && a->chunks) {
        /* A big table has a chunk to itself, behind the one that still has room. */
        c->next = a->chunks->next;
        a->chunks->next = c;
        return c->data;
    }
    c->next = a->chunks;
    a->chunks = c;
    a->used = size;
    a->cap = is_big ? size : CHUNK_SIZE;
    return c->data;
}

int tl_arena_reserve(struct tl_arena *a, size_t size)
{
    struct tl_arena_chunk *c = chunk_new(a, size);

    if (!c)
        return TGC_ENOMEM;
    pages_ready(c, sizeof(*c) + size);
    c->next = a->chunks;
    a->chunks = c;
    a->used = 0;
    a->cap = size;
    return 0;
}

void tl_arena_free(struct tl_arena *a)
{
    while (a->chunks) {
        struct tl_arena_chunk *next = a->chunks->next;
        free(a->chunks);
        a->chunks = next;
    }
    *a = (struct tl_arena){0};
}
