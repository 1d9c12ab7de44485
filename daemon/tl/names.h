/* Look-up tables that are filled once and then only read: by name and by id. Sized when made; they never grow. */
#ifndef TGCALLD_TL_NAMES_H
#define TGCALLD_TL_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/tl/arena.h"
#include "daemon/tl/lex.h"

struct tl_name_entry {
    struct tl_slice name; /* at is NULL where the slot is free */
    const void *value;
};

struct tl_names {
    struct tl_name_entry *slots;
    size_t mask;
};

struct tl_id_entry {
    uint32_t id;
    uint32_t index; /* 0 where the slot is free, else one more than the value */
};

struct tl_ids {
    struct tl_id_entry *slots;
    size_t mask;
};

/* Slots of a table for up to N entries: a power of two, at least half of them free. */
size_t tl_table_slots(size_t n);

/* Tables for up to N entries. TGC_ENOMEM. */
int tl_names_init(struct tl_names *t, struct tl_arena *arena, size_t n) TGC_MUST;
int tl_ids_init(struct tl_ids *t, struct tl_arena *arena, size_t n) TGC_MUST;

/* The entry of NAME: its own, or the free one where it belongs (the caller fills in name and value). */
struct tl_name_entry *tl_names_slot(const struct tl_names *t, struct tl_slice name);
const void *tl_names_find(const struct tl_names *t, const char *name);

struct tl_id_entry *tl_ids_slot(const struct tl_ids *t, uint32_t id);

#endif
