#include "daemon/tg/call/unsettled.h"

#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/limits.h"
#include "daemon/base/table.h"

/* A packet that is this old is refused by Telegram: its message id is out of date after 300 s. */
#define LOST_US (10 * 60 * SECOND_US)

void tg_unsettled_drop(struct tg_unsettled_table *t, struct tg_unsettled *u)
{
    DL_DELETE(t->list, u);
    t->n--;
    free(u);
}

/* What concerns nobody any more goes on the way. RANDOM_ID 0: any. */
static struct tg_unsettled *find(struct tg_unsettled_table *t, enum peer_kind kind, int64_t id, int64_t user_id,
                                 int32_t random_id, int64_t now_us)
{
    struct tg_unsettled *u, *next;

    DL_FOREACH_SAFE(t->list, u, next)
    {
        if (u->user_id != user_id || (!u->open && u->until_us <= now_us))
            tg_unsettled_drop(t, u);
        else if (u->kind == kind && u->id == id && (!random_id || u->random_id == random_id))
            return u;
    }
    return NULL;
}

struct tg_unsettled *tg_unsettled_find(struct tg_unsettled_table *t, enum peer_kind kind, int64_t id, int64_t user_id,
                                       int64_t now_us)
{
    return find(t, kind, id, user_id, 0, now_us);
}

struct tg_unsettled *tg_unsettled_find_id(struct tg_unsettled_table *t, enum peer_kind kind, int64_t id,
                                          int64_t user_id, int32_t random_id, int64_t now_us)
{
    return find(t, kind, id, user_id, random_id, now_us);
}

struct tg_unsettled *tg_unsettled_put(struct tg_unsettled_table *t, enum peer_kind kind, int64_t id, int64_t user_id,
                                      int32_t random_id, int64_t now_us)
{
    struct tg_unsettled *u = find(t, kind, id, user_id, random_id, now_us);

    if (u) {
        u->open++;
        return u;
    }
    bool crossed = find(t, kind, id, user_id, 0, now_us) != NULL;
    u = calloc(1, sizeof(*u));
    if (!u)
        return NULL;
    if (t->n == LIMIT_UNSETTLED)
        tg_unsettled_drop(t, t->list->prev);
    *u = (struct tg_unsettled){
        .kind = kind, .id = id, .user_id = user_id, .random_id = random_id, .open = 1, .crossed = crossed};
    DL_PREPEND(t->list, u);
    t->n++;
    return u;
}

void tg_unsettled_cross(struct tg_unsettled_table *t, enum peer_kind kind, int64_t id, int32_t random_id)
{
    struct tg_unsettled *u;

    DL_FOREACH (t->list, u)
        if (u->kind == kind && u->id == id && u->random_id != random_id)
            u->crossed = true;
}

void tg_unsettled_close(struct tg_unsettled_table *t, struct tg_unsettled *u, bool lost, int64_t now_us)
{
    if (u->open)
        u->open--;
    if (lost)
        u->until_us = now_us + LOST_US;
    if (!u->open && u->until_us <= now_us)
        tg_unsettled_drop(t, u);
}

struct tg_unsettled *tg_unsettled_next(struct tg_unsettled_table *t, struct tg_unsettled *after)
{
    return after ? after->next : t->list;
}

void tg_unsettled_fini(struct tg_unsettled_table *t)
{
    while (t->list)
        tg_unsettled_drop(t, t->list);
}
