/* 64-bit ids, never 0, to pointers: open addressing. Internal to daemon/mt. */
#ifndef TGCALLD_MT_ID_MAP_H
#define TGCALLD_MT_ID_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"

struct id_slot {
    uint64_t id; /* 0 where empty */
    void *value;
};

struct id_map {
    struct id_slot *slots; /* NULL while cap is 0 */
    size_t cap;            /* a power of two */
    size_t n;
};

void id_map_fini(struct id_map *m);
/* Room for MORE ids on top: then as many puts cannot fail. */
int id_map_reserve(struct id_map *m, size_t more) TGC_MUST;
/* After a reserve; an id that is there gets the new value. */
void id_map_put(struct id_map *m, uint64_t id, void *value);
void *id_map_find(const struct id_map *m, uint64_t id);
void id_map_drop(struct id_map *m, uint64_t id);

#endif
