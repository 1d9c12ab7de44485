#include "daemon/tl/names.h"

#include <string.h>

size_t tl_table_slots(size_t n)
{
    size_t slots = 16;

    while (slots < n * 2)
        slots *= 2;
    return slots;
}

int tl_names_init(struct tl_names *t, struct tl_arena *arena, size_t n)
{
    size_t slots = tl_table_slots(n);

    t->slots = tl_arena_alloc(arena, slots * sizeof(*t->slots));
    t->mask = slots - 1;
    return t->slots ? 0 : TGC_ENOMEM;
}

int tl_ids_init(struct tl_ids *t, struct tl_arena *arena, size_t n)
{
    size_t slots = tl_table_slots(n);

    t->slots = tl_arena_alloc(arena, slots * sizeof(*t->slots));
    t->mask = slots - 1;
    return t->slots ? 0 : TGC_ENOMEM;
}

/* FNV-1a. Schema names are ours, not an attacker's: no keyed hash is needed. */
static uint32_t hash_of(struct tl_slice name)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < name.len; i++)
        h = (h ^ (uint8_t)name.at[i]) * 16777619u;
    return h;
}

struct tl_name_entry *tl_names_slot(const struct tl_names *t, struct tl_slice name)
{
    for (size_t i = hash_of(name);; i++) {
        struct tl_name_entry *e = &t->slots[i & t->mask];
        if (!e->name.at || (e->name.len == name.len && memcmp(e->name.at, name.at, name.len) == 0))
            return e;
    }
}

const void *tl_names_find(const struct tl_names *t, const char *name)
{
    return tl_names_slot(t, (struct tl_slice){name, strlen(name)})->value;
}

struct tl_id_entry *tl_ids_slot(const struct tl_ids *t, uint32_t id)
{
    /* Ids are CRCs: their low bits are as good as a hash. */
    for (size_t i = id;; i++) {
        struct tl_id_entry *e = &t->slots[i & t->mask];
        if (e->index == 0 || e->id == id)
            return e;
    }
}
