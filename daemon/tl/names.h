/* Look-up tables that are filled once and then only read: by name and by id. Sized when made; they never grow. A table
 * holds indices into an array of the caller's. */
#ifndef TGCALLD_TL_NAMES_H
#define TGCALLD_TL_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/tl/arena.h"
#include "daemon/tl/lex.h"

struct tl_slot {
    uint32_t key;   /* the id, or the hash of the name */
    uint32_t index; /* 0 where the slot is free, else one more than the index */
};

struct tl_ids {
    struct tl_slot *slots;
    size_t mask;
};

/* The array's items are STRIDE bytes long and begin with a const char *, the name. */
struct tl_names {
    struct tl_slot *slots;
    size_t mask;
    const char *items;
    size_t stride;
};

/* Tables for up to N entries. TGC_ENOMEM. */
int tl_ids_init(struct tl_ids *t, struct tl_arena *arena, size_t n) TGC_MUST;
int tl_names_init(struct tl_names *t, struct tl_arena *arena, size_t n, const void *items, size_t stride) TGC_MUST;

/* The slot of ID or NAME: its own, or the free one where it belongs, with the key set, for
 * the caller to fill in the index. */
struct tl_slot *tl_ids_slot(const struct tl_ids *t, uint32_t id);
struct tl_slot *tl_names_slot(const struct tl_names *t, struct tl_slice name);

/* The same for looking up only, which changes nothing: the index plus one, or 0; the item with that name, or NULL. */
uint32_t tl_ids_find(const struct tl_ids *t, uint32_t id);
const void *tl_names_find(const struct tl_names *t, struct tl_slice name);

#endif
