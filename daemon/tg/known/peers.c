#include "daemon/tg/known/peers.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/base/long_text.h"
#include "daemon/base/table.h"
#include "daemon/tl/text.h"

struct peer_key {
    int64_t kind, id;
};

struct peer_entry {
    struct peer_key key;
    struct tg_peer peer;
    struct tg_peer_names names;
    struct peer_entry *prev, *next; /* in the order of use: the longest unused first */
    UT_hash_handle by_key;
};

struct tg_peers {
    struct peer_entry *by_key, *used;
    void (*changed)(void *ctx, enum peer_kind kind, int64_t id);
    void *ctx;
};

int tg_peers_new(struct tg_peers **ret)
{
    struct tg_peers *p = calloc(1, sizeof(*p));

    if (!p)
        return TGC_ENOMEM;
    *ret = p;
    return 0;
}

void tg_peers_on_change(struct tg_peers *p, void (*changed)(void *ctx, enum peer_kind kind, int64_t id), void *ctx)
{
    p->changed = changed;
    p->ctx = ctx;
}

static void tell(const struct tg_peers *p, const struct peer_entry *e)
{
    if (p->changed)
        p->changed(p->ctx, e->peer.kind, e->peer.id);
}

static void drop(struct tg_peers *p, struct peer_entry *e)
{
    tell(p, e);
    DL_DELETE(p->used, e);
    HASH_DELETE(by_key, p->by_key, e);
    free(e);
}

void tg_peers_clear(struct tg_peers *p)
{
    while (p->used)
        drop(p, p->used);
}

void tg_peers_free(struct tg_peers *p)
{
    if (!p)
        return;
    p->changed = NULL;
    tg_peers_clear(p);
    free(p);
}

static struct peer_entry *find(struct tg_peers *p, enum peer_kind kind, int64_t id)
{
    struct peer_key key = {kind, id};
    struct peer_entry *e;

    HASH_FIND(by_key, p->by_key, &key, sizeof(key), e);
    return e;
}

static bool is_same(const struct tg_peer *a, const struct tg_peer *b)
{
    return a->has_hash == b->has_hash && a->access_hash == b->access_hash && a->is_self == b->is_self &&
           a->migrated_to == b->migrated_to;
}

int tg_peers_put(struct tg_peers *p, const struct tg_peer *seen, bool min)
{
    struct peer_entry *e = find(p, seen->kind, seen->id);

    if (min)
        return 0;
    bool is_new = !e;
    if (!e) {
        if (HASH_CNT(by_key, p->by_key) >= LIMIT_PEERS)
            drop(p, p->used);
        e = calloc(1, sizeof(*e));
        if (!e)
            return TGC_ENOMEM;
        e->key = (struct peer_key){seen->kind, seen->id};
        e->peer.kind = seen->kind;
        e->peer.id = seen->id;
        HASH_ADD(by_key, p->by_key, key, sizeof(e->key), e);
        if (!e->by_key.tbl) {
            free(e);
            return TGC_ENOMEM;
        }
        DL_APPEND(p->used, e);
    }
    struct tg_peer was = e->peer;
    if (seen->has_hash) {
        e->peer.access_hash = seen->access_hash;
        e->peer.has_hash = true;
    }
    e->peer.is_self |= seen->is_self;
    if (seen->migrated_to)
        e->peer.migrated_to = seen->migrated_to;
    if (is_new || !is_same(&e->peer, &was))
        tell(p, e);
    return 0;
}

const struct tg_peer *tg_peers_next(const struct tg_peers *p, const struct tg_peer *after)
{
    const void *entry = after ? (const char *)after - offsetof(struct peer_entry, peer) : NULL;
    const struct peer_entry *e = entry ? ((const struct peer_entry *)entry)->next : p->used;

    return e ? &e->peer : NULL;
}

const struct tg_peer *tg_peers_record(struct tg_peers *p, enum peer_kind kind, int64_t id)
{
    const struct peer_entry *e = find(p, kind, id);

    return e ? &e->peer : NULL;
}

/* What is looked for is used: it moves to the young end. */
static const struct tg_peer *used(struct tg_peers *p, struct peer_entry *e)
{
    if (!e)
        return NULL;
    if (e->peer.migrated_to) {
        struct peer_entry *channel = find(p, PEER_CHANNEL, e->peer.migrated_to);
        if (channel)
            e = channel;
    }
    if (e->next) {
        DL_DELETE(p->used, e);
        DL_APPEND(p->used, e);
    }
    return &e->peer;
}

const struct tg_peer *tg_peers_find(struct tg_peers *p, enum peer_kind kind, int64_t id)
{
    return used(p, find(p, kind, id));
}

struct tg_peer_names *tg_peers_names(struct tg_peers *p, enum peer_kind kind, int64_t id)
{
    struct peer_entry *e = find(p, kind, id);

    return e ? &e->names : NULL;
}

/* NAME with MEMBER and access_hash; without what is NULL. */
static void object_of(struct tl_values *ret, const char *name, const char *member, int64_t id, const int64_t *hash)
{
    tl_values_begin(ret, name);
    if (member)
        tl_values_long(ret, member, id);
    if (hash)
        tl_values_long(ret, "access_hash", *hash);
}

static void input_user(const struct tg_peer *peer, struct tl_values *ret)
{
    if (peer->kind != PEER_USER)
        object_of(ret, "inputUserEmpty", NULL, 0, NULL);
    else if (peer->is_self)
        object_of(ret, "inputUserSelf", NULL, 0, NULL);
    else
        object_of(ret, "inputUser", "user_id", peer->id, &peer->access_hash);
}

static void input_channel(const struct tg_peer *peer, struct tl_values *ret)
{
    if (peer->kind != PEER_CHANNEL)
        object_of(ret, "inputChannelEmpty", NULL, 0, NULL);
    else
        object_of(ret, "inputChannel", "channel_id", peer->id, &peer->access_hash);
}

void tg_peer_values(const struct tg_peer *peer, struct tl_values *ret)
{
    switch (peer->kind) {
    case PEER_USER:
        if (peer->is_self)
            object_of(ret, "inputPeerSelf", NULL, 0, NULL);
        else
            object_of(ret, "inputPeerUser", "user_id", peer->id, &peer->access_hash);
        break;
    case PEER_CHAT:
        object_of(ret, "inputPeerChat", "chat_id", peer->id, NULL);
        break;
    case PEER_CHANNEL:
    default:
        object_of(ret, "inputPeerChannel", "channel_id", peer->id, &peer->access_hash);
        break;
    }
}

json_t *tg_peer_input(const struct tg_peer *peer, const char *want)
{
    struct tl_values v;

    if (strcmp(want, "InputUser") == 0)
        input_user(peer, &v);
    else if (strcmp(want, "InputChannel") == 0)
        input_channel(peer, &v);
    else
        tg_peer_values(peer, &v);
    return tl_values_json(&v);
}

void tg_peer_text(enum peer_kind kind, int64_t id, struct buf *out)
{
    static const char *const opens[] = {"{\"_\":\"peerUser\",\"user_id\":\"", "{\"_\":\"peerChat\",\"chat_id\":\"",
                                        "{\"_\":\"peerChannel\",\"channel_id\":\""};

    buf_put_text(out, opens[kind]);
    tl_text_put_number(out, id);
    buf_put_text(out, "\"}");
}

static bool id_of(const json_t *object, const char *member, int64_t *ret)
{
    const json_t *v = json_object_get(object, member);

    if (json_is_integer(v)) {
        *ret = json_integer_value(v);
        return *ret > 0;
    }
    const char *text = json_string_value(v);
    char *end;
    if (!text || text[0] < '1' || text[0] > '9' || strlen(text) > 19)
        return false;
    errno = 0;
    *ret = strtoll(text, &end, 10);
    return errno == 0 && *end == '\0' && *ret > 0;
}

bool tg_peer_of_json(const json_t *object, int64_t self_id, enum peer_kind *ret_kind, int64_t *ret_id)
{
    static const struct {
        const char *name, *member;
        enum peer_kind kind;
    } forms[] = {
        {"inputPeerUser", "user_id", PEER_USER},
        {"inputPeerChat", "chat_id", PEER_CHAT},
        {"inputPeerChannel", "channel_id", PEER_CHANNEL},
        {"inputPeerUserFromMessage", "user_id", PEER_USER},
        {"inputPeerChannelFromMessage", "channel_id", PEER_CHANNEL},
        {"peerUser", "user_id", PEER_USER},
        {"peerChat", "chat_id", PEER_CHAT},
        {"peerChannel", "channel_id", PEER_CHANNEL},
    };
    const char *name = json_string_value(json_object_get(object, "_"));

    if (!name)
        return false;
    if (strcmp(name, "inputPeerSelf") == 0 && self_id) {
        *ret_kind = PEER_USER;
        *ret_id = self_id;
        return true;
    }
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (strcmp(name, forms[i].name) == 0) {
            *ret_kind = forms[i].kind;
            return id_of(object, forms[i].member, ret_id);
        }
    return false;
}
