#include "daemon/tg/known/rumours.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"

enum { FIRST = 4 };

static void take_out(struct tg_rumours *r, size_t i)
{
    r->n--;
    memmove(&r->list[i], &r->list[i + 1], (r->n - i) * sizeof(*r->list));
}

int tg_rumours_put(struct tg_rumours *r, const struct tg_rumour *rumour)
{
    struct tg_rumour *there = tg_rumours_find(r, rumour->call_id);

    if (there && !there->id && rumour->id)
        *there = *rumour;
    if (there)
        return 0;
    if (r->n == LIMIT_CALL_RUMOURS)
        take_out(r, 0);
    if (r->n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : FIRST;
        struct tg_rumour *list = reallocarray(r->list, cap, sizeof(*list));

        if (!list)
            return TGC_ENOMEM;
        r->list = list;
        r->cap = cap;
    }
    r->list[r->n++] = *rumour;
    return 0;
}

struct tg_rumour *tg_rumours_find(struct tg_rumours *r, int64_t call_id)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->list[i].call_id == call_id)
            return &r->list[i];
    return NULL;
}

struct tg_rumour *tg_rumours_next_to_ask(struct tg_rumours *r)
{
    struct tg_rumour *first = NULL;

    for (size_t i = 0; i < r->n; i++)
        if (!r->list[i].is_of_none && (!first || r->list[i].ask_at_us < first->ask_at_us))
            first = &r->list[i];
    return first;
}

void tg_rumours_drop(struct tg_rumours *r, int64_t call_id)
{
    const struct tg_rumour *rumour = tg_rumours_find(r, call_id);

    if (!rumour)
        return;
    take_out(r, (size_t)(rumour - r->list));
    if (!r->n)
        tg_rumours_clear(r);
}

void tg_rumours_clear(struct tg_rumours *r)
{
    free(r->list);
    *r = (struct tg_rumours){0};
}
