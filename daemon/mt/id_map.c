#include "daemon/mt/id_map.h"

#include <stdlib.h>

enum { CAP_MIN = 16, CAP_KEPT = 64 };

void id_map_fini(struct id_map *m)
{
    free(m->slots);
    *m = (struct id_map){0};
}

/* Message ids differ in high bits by time and have their low two bits in common: multiplying spreads both. */
static size_t home(const struct id_map *m, uint64_t id)
{
    return (size_t)((id * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (m->cap - 1);
}

static size_t place(const struct id_map *m, uint64_t id)
{
    size_t i = home(m, id);

    while (m->slots[i].id && m->slots[i].id != id)
        i = (i + 1) & (m->cap - 1);
    return i;
}

int id_map_reserve(struct id_map *m, size_t more)
{
    struct id_map wider = {.cap = m->cap ? m->cap : CAP_MIN, .n = m->n};

    /* At most two thirds are taken, so that runs stay short and always end. */
    while ((m->n + more) * 3 > wider.cap * 2)
        wider.cap *= 2;
    if (wider.cap == m->cap)
        return 0;
    wider.slots = calloc(wider.cap, sizeof(*wider.slots));
    if (!wider.slots)
        return TGC_ENOMEM;
    for (size_t i = 0; i < m->cap; i++) {
        if (m->slots[i].id)
            wider.slots[place(&wider, m->slots[i].id)] = m->slots[i];
    }
    free(m->slots);
    *m = wider;
    return 0;
}

void id_map_put(struct id_map *m, uint64_t id, void *value)
{
    struct id_slot *slot = &m->slots[place(m, id)];

    m->n += slot->id == 0;
    *slot = (struct id_slot){id, value};
}

void *id_map_find(const struct id_map *m, uint64_t id)
{
    return m->n && id ? m->slots[place(m, id)].value : NULL;
}

void id_map_drop(struct id_map *m, uint64_t id)
{
    if (!m->n || !id)
        return;
    size_t hole = place(m, id);
    if (!m->slots[hole].id)
        return;
    m->n--;
    /* What follows in the run moves up where its home is not behind the hole: no tombstones are needed. */
    for (size_t i = (hole + 1) & (m->cap - 1); m->slots[i].id; i = (i + 1) & (m->cap - 1)) {
        size_t from_home = (i - home(m, m->slots[i].id)) & (m->cap - 1);
        size_t from_hole = (i - hole) & (m->cap - 1);
        if (from_home >= from_hole) {
            m->slots[hole] = m->slots[i];
            hole = i;
        }
    }
    m->slots[hole] = (struct id_slot){0};
    if (!m->n && m->cap > CAP_KEPT)
        id_map_fini(m);
}
