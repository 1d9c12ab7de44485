#include "daemon/tg/known/chats.h"

#include <stdlib.h>

#include "daemon/base/limits.h"
#include "daemon/base/table.h"

struct chat_key {
    int64_t kind, id;
};

struct chat_entry {
    struct chat_key key;
    struct tg_chat chat;
    struct chat_entry *prev, *next; /* in the order of use: the longest unused first */
    UT_hash_handle hh;
};

struct tg_chats {
    struct chat_entry *by_key, *used;
};

int tg_chats_new(struct tg_chats **ret)
{
    struct tg_chats *c = calloc(1, sizeof(*c));

    if (!c)
        return TGC_ENOMEM;
    *ret = c;
    return 0;
}

static void drop(struct tg_chats *c, struct chat_entry *e)
{
    DL_DELETE(c->used, e);
    HASH_DEL(c->by_key, e);
    free(e);
}

void tg_chats_clear(struct tg_chats *c)
{
    while (c->used)
        drop(c, c->used);
}

void tg_chats_free(struct tg_chats *c)
{
    if (!c)
        return;
    tg_chats_clear(c);
    free(c);
}

static struct chat_entry *find(struct tg_chats *c, enum peer_kind kind, int64_t id)
{
    struct chat_key key = {kind, id};
    struct chat_entry *e;

    HASH_FIND(hh, c->by_key, &key, sizeof(key), e);
    if (e && e->next) {
        DL_DELETE(c->used, e);
        DL_APPEND(c->used, e);
    }
    return e;
}

const struct tg_chat *tg_chats_find(struct tg_chats *c, enum peer_kind kind, int64_t id)
{
    const struct chat_entry *e = find(c, kind, id);

    return e ? &e->chat : NULL;
}

int tg_chats_put(struct tg_chats *c, const struct tg_chat *chat, struct tg_chat *ret_gone)
{
    struct chat_entry *e = find(c, chat->kind, chat->id);
    struct tg_chat gone = {0};

    if (!e) {
        e = calloc(1, sizeof(*e));
        if (!e)
            return TGC_ENOMEM;
        e->key = (struct chat_key){chat->kind, chat->id};
        HASH_ADD(hh, c->by_key, key, sizeof(e->key), e);
        if (!e->hh.tbl) {
            free(e);
            return TGC_ENOMEM;
        }
        DL_APPEND(c->used, e);
        if (HASH_COUNT(c->by_key) > LIMIT_CHATS) {
            gone = c->used->chat;
            drop(c, c->used);
        }
    }
    e->chat = *chat;
    if (ret_gone)
        *ret_gone = gone;
    return 0;
}
