#include "daemon/tg/updates/held.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"

static const uint8_t *copy(uint8_t **to, const uint8_t *from, size_t len)
{
    const uint8_t *at = *to;

    if (!len)
        return NULL;
    memcpy(*to, from, len);
    *to += len;
    return at;
}

int held_put(struct held_list *list, const struct held *like, const struct tg_update *update)
{
    size_t size = sizeof(struct held) + (update ? update->len + update->users_len + update->chats_len : 0);

    if (list->n == LIMIT_HELD_UPDATES || size > LIMIT_HELD_BYTES - list->bytes)
        return TGC_ELIMIT;
    struct held *h = malloc(size);
    if (!h)
        return TGC_ENOMEM;
    *h = *like;
    h->next = NULL;
    h->size = size;
    h->is_update = update != NULL;
    if (update) {
        uint8_t *at = (uint8_t *)(h + 1);
        h->update = *update;
        h->update.data = copy(&at, update->data, update->len);
        h->update.users = copy(&at, update->users, update->users_len);
        h->update.chats = copy(&at, update->chats, update->chats_len);
    }
    if (!list->last)
        list->last = &list->first;
    *list->last = h;
    list->last = &h->next;
    list->n++;
    list->bytes += size;
    return 0;
}

struct held *held_take(struct held_list *list, struct held **at)
{
    struct held *h = *at;

    *at = h->next;
    if (list->last == &h->next)
        list->last = at;
    list->n--;
    list->bytes -= h->size;
    return h;
}

void held_clear(struct held_list *list)
{
    while (list->first)
        free(held_take(list, &list->first));
}
