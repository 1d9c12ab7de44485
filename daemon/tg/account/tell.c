#include "daemon/tg/account/tell.h"

#include "daemon/base/log.h"
#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/updates/split.h"

static void tell_one(struct tg_account *a, const struct split *s, const struct tl_comb *comb, const uint8_t *data,
                     uint32_t offset, uint32_t len)
{
    const struct tg_listener *listener = a->env->listener;
    struct tg_update update = {
        .comb = comb,
        .data = data + offset,
        .len = len,
        .users = s->users_len ? data + s->users : NULL,
        .users_len = s->users_len,
        .chats = s->chats_len ? data + s->chats : NULL,
        .chats_len = s->chats_len,
        .date = s->date,
    };

    listener->update_told(listener->ctx, a, &update);
}

static void tell_all(struct tg_account *a, const struct split *s, const uint8_t *data)
{
    if (s->kind == SPLIT_SHORT_MESSAGE)
        tell_one(a, s, s->comb, data, s->offset, s->len);
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i].what == SPLIT_UPDATE)
            tell_one(a, s, s->items[i].comb, data, s->items[i].offset, s->items[i].len);
}

void account_tell(struct tg_account *a, const struct tl_comb *method, const uint8_t *data, size_t len)
{
    struct split_words words;
    struct split s;
    struct fault fault = {0};

    if (!a->env->listener || !a->env->listener->update_told)
        return;
    split_words_init(a->env->schema, &words);
    if (method && !split_is_of_use(&words, method))
        return;
    if (split_read(&words, method, data, len, &s, &fault) == 0)
        tell_all(a, &s, data);
    else
        log_debug("tg", "account %s: updates were not told: %s", a->name, fault.text);
    split_fini(&s);
}
