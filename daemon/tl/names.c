#include "daemon/tl/names.h"

#include <string.h>

/* A power of two, at least half of them free: a search always ends. */
static size_t slots_for(size_t n)
{
    size_t slots = 16;

    while (slots < n * 2)
        slots *= 2;
    return slots;
}

int tl_ids_init(struct tl_ids *t, struct tl_arena *arena, size_t n)
{
    size_t slots = slots_for(n);

    t->slots = tl_arena_alloc(arena, slots * sizeof(*t->slots));
    t->mask = slots - 1;
    return t->slots ? 0 : TGC_ENOMEM;
}

int tl_names_init(struct tl_names *t, struct tl_arena *arena, size_t n, const void *items, size_t stride)
{
    size_t slots = slots_for(n);

    t->slots = tl_arena_alloc(arena, slots * sizeof(*t->slots));
    t->mask = slots - 1;
    t->items = items;
    t->stride = stride;
    return t->slots ? 0 : TGC_ENOMEM;
}

struct tl_slot *tl_ids_slot(const struct tl_ids *t, uint32_t id)
{
    /* Ids are CRCs: their low bits are as good as a hash. */
    for (size_t i = id;; i++) {
        struct tl_slot *slot = &t->slots[i & t->mask];
        if (slot->index == 0)
            slot->key = id;
        if (slot->key == id)
            return slot;
    }
}

uint32_t tl_ids_find(const struct tl_ids *t, uint32_t id)
{
    for (size_t i = id;; i++) {
        const struct tl_slot *slot = &t->slots[i & t->mask];
        if (slot->key == id || slot->index == 0)
            return slot->index;
    }
}

/* FNV-1a. Schema names are ours, not an attacker's: no keyed hash is needed. */
static uint32_t hash_of(struct tl_slice name)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < name.len; i++)
        h = (h ^ (uint8_t)name.at[i]) * 16777619u;
    return h;
}

static const void *item_at(const struct tl_names *t, const struct tl_slot *slot)
{
    return t->items + t->stride * (slot->index - 1);
}

struct tl_slot *tl_names_slot(const struct tl_names *t, struct tl_slice name)
{
    uint32_t hash = hash_of(name);

    for (size_t i = hash;; i++) {
        struct tl_slot *slot = &t->slots[i & t->mask];
        if (slot->index == 0) {
            slot->key = hash;
            return slot;
        }
        if (slot->key == hash && tl_slice_is(name, *(const char *const *)item_at(t, slot)))
            return slot;
    }
}

const void *tl_names_find(const struct tl_names *t, struct tl_slice name)
{
    uint32_t hash = hash_of(name);

    for (size_t i = hash;; i++) {
        const struct tl_slot *slot = &t->slots[i & t->mask];
        if (slot->index == 0)
            return NULL;
        if (slot->key == hash && tl_slice_is(name, *(const char *const *)item_at(t, slot)))
            return item_at(t, slot);
    }
}
