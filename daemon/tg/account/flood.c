#include "daemon/tg/account/flood.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/tg/known/peers.h"

static json_t *peer_json(const struct flood_key *key)
{
    static const char *const names[][2] = {[PEER_USER] = {"peerUser", "user_id"},
                                           [PEER_CHAT] = {"peerChat", "chat_id"},
                                           [PEER_CHANNEL] = {"peerChannel", "channel_id"}};
    char id[24];

    snprintf(id, sizeof(id), "%" PRId64, key->id);
    return json_pack("{s:s, s:s}", "_", names[key->kind][0], names[key->kind][1], id);
}

/* Waits that are of the peer, not of the method alone. */
static bool is_of_peer(const struct mt_rpc_error *error)
{
    return strcmp(error->family, "SLOWMODE_WAIT_X") == 0;
}

/* What one wait of a peer holds back: the methods that send something there. */
static bool sends(const struct tl_comb *method)
{
    static const char *const names[] = {"messages.forwardMessages", "messages.sendInlineBotResult",
                                        "messages.sendMedia", "messages.sendMessage", "messages.sendMultiMedia"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(method->name, names[i]) == 0)
            return true;
    return false;
}

struct flood_key flood_key_of(const struct tg_ask *ask, int64_t self_id)
{
    struct flood_key key = {.method = ask->method};

    if (!ask->params) {
        key.has_peer = ask->effect.what == TG_EFFECT_CHAT;
        key.kind = ask->effect.kind;
        key.id = ask->effect.id;
        return key;
    }
    const json_t *to = json_object_get(ask->params, "to_peer"); /* of a forward: the wait is where it goes */
    key.has_peer = tg_peer_of_json(to ? to : json_object_get(ask->params, "peer"), self_id, &key.kind, &key.id);
    const char *phone = json_string_value(json_object_get(ask->params, "phone_number"));
    if (phone)
        snprintf(key.phone, sizeof(key.phone), "%s", phone);
    return key;
}

static void forget_past(struct floods *f, int64_t now_us)
{
    for (size_t i = 0; i < f->n;)
        if (f->list[i].until_us <= now_us)
            f->list[i] = f->list[--f->n];
        else
            i++;
    if (f->n == 0)
        floods_clear(f);
}

static bool holds(const struct flood *flood, const struct flood_key *key)
{
    const struct flood_key *k = &flood->key;
    bool same_method = k->method == key->method;

    if (!flood->of_peer)
        return same_method && strcmp(k->phone, key->phone) == 0;
    return (same_method || (sends(k->method) && sends(key->method))) && k->has_peer == key->has_peer &&
           k->kind == key->kind && k->id == key->id;
}

const struct flood *floods_find(struct floods *f, const struct flood_key *key, int64_t now_us)
{
    const struct flood *longest = NULL;

    forget_past(f, now_us);
    for (size_t i = 0; i < f->n; i++)
        if (holds(&f->list[i], key) && (!longest || f->list[i].until_us > longest->until_us))
            longest = &f->list[i];
    return longest;
}

/* Room for one more at the end; NULL: there is none. */
static struct flood *add(struct floods *f)
{
    if (f->n == FLOODS_MAX)
        return NULL;
    if (f->n == f->cap) {
        size_t cap = f->cap ? f->cap * 2 : 2;
        struct flood *list = realloc(f->list, cap * sizeof(*list));
        if (!list)
            return NULL;
        f->list = list;
        f->cap = cap;
    }
    return &f->list[f->n++];
}

/* Where a new wait goes; NULL: nowhere. */
static struct flood *place(struct floods *f, const struct flood_key *key, bool of_peer)
{

    for (size_t i = 0; i < f->n; i++)
        if (f->list[i].of_peer == of_peer && holds(&f->list[i], key))
            return &f->list[i];
    struct flood *first = add(f);
    if (first)
        return first;
    for (size_t i = 0; i < f->n; i++)
        if (!first || f->list[i].until_us < first->until_us)
            first = &f->list[i];
    return first;
}

void floods_put(struct floods *f, const struct flood_key *key, const struct mt_rpc_error *error, int64_t until_us,
                int64_t now_us)
{
    bool of_peer = is_of_peer(error);

    forget_past(f, now_us);
    struct flood *flood = place(f, key, of_peer);
    if (!flood)
        return;
    *flood = (struct flood){.key = *key, .of_peer = of_peer, .until_us = until_us, .code = error->code};
    snprintf(flood->family, sizeof(flood->family), "%.*s", (int)sizeof(flood->family) - 1, error->family);
}

void flood_error(const struct flood *flood, int64_t now_us, struct mt_rpc_error *ret)
{
    const char *x = strstr(flood->family, "_X");
    char text[sizeof(flood->family) + 24];
    int n;

    if (x)
        n = snprintf(text, sizeof(text), "%.*s_%" PRId64 "%s", (int)(x - flood->family), flood->family,
                     (flood->until_us - now_us + SECOND_US - 1) / SECOND_US, x + 2);
    else
        n = snprintf(text, sizeof(text), "%s", flood->family);
    mt_rpc_error_set(ret, flood->code, text, (size_t)n);
}

void floods_restore(struct floods *f, const struct flood *flood)
{
    struct flood *room = add(f);

    if (room)
        *room = *flood;
}

void floods_clear(struct floods *f)
{
    free(f->list);
    *f = (struct floods){0};
}

json_t *floods_json(struct floods *f, int64_t now_us, int64_t wall_us)
{
    json_t *list = json_array();

    forget_past(f, now_us);
    for (size_t i = 0; i < f->n; i++) {
        const struct flood *flood = &f->list[i];
        int64_t until = (wall_us + flood->until_us - now_us + SECOND_US - 1) / SECOND_US;
        json_t *j = json_pack("{s:s, s:I}", "method", flood->key.method->name, "until", (json_int_t)until);
        if (flood->of_peer && flood->key.has_peer)
            json_object_set_new(j, "peer", peer_json(&flood->key));
        json_array_append_new(list, j);
    }
    return list;
}
