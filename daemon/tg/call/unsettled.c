#include "daemon/tg/call/unsettled.h"

#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/limits.h"

/* A packet that is this old is refused by Telegram: its message id is out of date after 300 s. */
#define LOST_US (10 * 60 * SECOND_US)

static struct tg_unsettled *find(struct tg_unsettled_table *t, enum peer_kind kind, int64_t id)
{
    struct {
        int64_t kind, id;
    } key = {kind, id};
    struct tg_unsettled *u;

    HASH_FIND(hh, t->by_chat, &key, sizeof(key), u);
    return u;
}

void tg_unsettled_drop(struct tg_unsettled_table *t, struct tg_unsettled *u)
{
    HASH_DEL(t->by_chat, u);
    free(u);
}

struct tg_unsettled *tg_unsettled_find(struct tg_unsettled_table *t, enum peer_kind kind, int64_t id, int64_t user_id,
                                       int64_t now_us)
{
    struct tg_unsettled *u = find(t, kind, id);

    if (u && (u->user_id != user_id || (!u->open && u->until_us <= now_us))) {
        tg_unsettled_drop(t, u);
        return NULL;
    }
    return u;
}

struct tg_unsettled *tg_unsettled_put(struct tg_unsettled_table *t, enum peer_kind kind, int64_t id, int64_t user_id,
                                      int32_t random_id)
{
    struct tg_unsettled *u = find(t, kind, id);

    if (u && u->random_id == random_id && u->user_id == user_id) {
        u->open++;
        return u;
    }
    if (u)
        tg_unsettled_drop(t, u);
    else if (HASH_COUNT(t->by_chat) == LIMIT_UNSETTLED)
        tg_unsettled_drop(t, t->by_chat);
    bool crossed = u != NULL;
    u = calloc(1, sizeof(*u));
    if (!u)
        return NULL;
    u->chat.kind = kind;
    u->chat.id = id;
    u->user_id = user_id;
    u->random_id = random_id;
    u->open = 1;
    u->crossed = crossed;
    HASH_ADD(hh, t->by_chat, chat, sizeof(u->chat), u);
    if (!u->hh.tbl) {
        free(u);
        return NULL;
    }
    return u;
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
    return after ? after->hh.next : t->by_chat;
}

void tg_unsettled_fini(struct tg_unsettled_table *t)
{
    while (t->by_chat)
        tg_unsettled_drop(t, t->by_chat);
}
