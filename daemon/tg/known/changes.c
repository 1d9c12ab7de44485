#include "daemon/tg/known/changes.h"

#include <stdlib.h>

/* More than a table holds: then it is told as a whole. */
enum { CHANGES_MAX = 1 << 15, FIRST = 64 };

static void give_up(struct tg_changes *c)
{
    tg_changes_fini(c);
    c->all = true;
}

void tg_changes_add(struct tg_changes *c, int kind, int64_t id)
{
    if (c->all || (c->n && c->list[c->n - 1].kind == kind && c->list[c->n - 1].id == id))
        return;
    if (c->n == c->cap) {
        size_t cap = c->cap ? 2 * c->cap : FIRST;
        struct tg_changed *list = cap > CHANGES_MAX ? NULL : realloc(c->list, cap * sizeof(*list));
        if (!list) {
            give_up(c);
            return;
        }
        c->list = list;
        c->cap = cap;
    }
    c->list[c->n++] = (struct tg_changed){kind, id};
}

struct tg_changes tg_changes_take(struct tg_changes *c)
{
    struct tg_changes taken = *c;

    *c = (struct tg_changes){0};
    return taken;
}

void tg_changes_fini(struct tg_changes *c)
{
    free(c->list);
    *c = (struct tg_changes){0};
}
