#include "daemon/tg/known/peers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/base/table.h"
#include "daemon/tl/number_text.h"
#include "daemon/tl/text.h"

struct key {
    int64_t kind, id;
};

struct entry {
    struct key key;
    struct tg_peer peer;
    UT_hash_handle by_key; /* in the order of use: the oldest first */
    UT_hash_handle by_username;
    UT_hash_handle by_phone;
    bool in_username, in_phone;
};

struct tg_peers {
    struct entry *by_key, *by_username, *by_phone;
};

int tg_peers_new(struct tg_peers **ret)
{
    struct tg_peers *p = calloc(1, sizeof(*p));

    if (!p)
        return TGC_ENOMEM;
    *ret = p;
    return 0;
}

static void unname(struct tg_peers *p, struct entry *e)
{
    if (e->in_username)
        HASH_DELETE(by_username, p->by_username, e);
    e->in_username = false;
}

static void unphone(struct tg_peers *p, struct entry *e)
{
    if (e->in_phone)
        HASH_DELETE(by_phone, p->by_phone, e);
    e->in_phone = false;
}

static void drop(struct tg_peers *p, struct entry *e)
{
    unname(p, e);
    unphone(p, e);
    HASH_DELETE(by_key, p->by_key, e);
    free(e);
}

void tg_peers_clear(struct tg_peers *p)
{
    while (p->by_key)
        drop(p, p->by_key);
}

void tg_peers_free(struct tg_peers *p)
{
    if (!p)
        return;
    tg_peers_clear(p);
    free(p);
}

static struct entry *find(struct tg_peers *p, enum peer_kind kind, int64_t id)
{
    struct key key = {kind, id};
    struct entry *e;

    HASH_FIND(by_key, p->by_key, &key, sizeof(key), e);
    return e;
}

/* A username moves from one peer to another: the newest word counts. */
static void set_username(struct tg_peers *p, struct entry *e, const char *username)
{
    struct entry *other;

    if (strcmp(e->peer.username, username) == 0 && (e->in_username || !username[0]))
        return;
    unname(p, e);
    snprintf(e->peer.username, sizeof(e->peer.username), "%s", username);
    if (!username[0])
        return;
    HASH_FIND(by_username, p->by_username, username, strlen(username), other);
    if (other) {
        unname(p, other);
        other->peer.username[0] = '\0';
    }
    HASH_ADD_KEYPTR(by_username, p->by_username, e->peer.username, strlen(e->peer.username), e);
    e->in_username = e->by_username.tbl != NULL;
}

static void set_phone(struct tg_peers *p, struct entry *e, const char *phone)
{
    struct entry *other;

    if (!phone[0] || (e->in_phone && strcmp(e->peer.phone, phone) == 0))
        return;
    unphone(p, e);
    snprintf(e->peer.phone, sizeof(e->peer.phone), "%s", phone);
    HASH_FIND(by_phone, p->by_phone, phone, strlen(phone), other);
    if (other)
        unphone(p, other);
    HASH_ADD_KEYPTR(by_phone, p->by_phone, e->peer.phone, strlen(e->peer.phone), e);
    e->in_phone = e->by_phone.tbl != NULL;
}

int tg_peers_put(struct tg_peers *p, const struct tg_peer *seen, bool min)
{
    struct entry *e = find(p, seen->kind, seen->id);

    if (min)
        return 0;
    if (!e) {
        if (HASH_CNT(by_key, p->by_key) >= LIMIT_PEERS)
            drop(p, p->by_key);
        e = calloc(1, sizeof(*e));
        if (!e)
            return TGC_ENOMEM;
        e->key = (struct key){seen->kind, seen->id};
        e->peer.kind = seen->kind;
        e->peer.id = seen->id;
        HASH_ADD(by_key, p->by_key, key, sizeof(e->key), e);
        if (!e->by_key.tbl) {
            free(e);
            return TGC_ENOMEM;
        }
    }
    if (seen->has_hash) {
        e->peer.access_hash = seen->access_hash;
        e->peer.has_hash = true;
    }
    e->peer.is_self |= seen->is_self;
    if (seen->migrated_to)
        e->peer.migrated_to = seen->migrated_to;
    set_username(p, e, seen->username);
    set_phone(p, e, seen->phone);
    return 0;
}

/* What is looked for is used: it moves to the young end. */
static const struct tg_peer *used(struct tg_peers *p, struct entry *e)
{
    if (!e)
        return NULL;
    if (e->peer.migrated_to) {
        struct entry *channel = find(p, PEER_CHANNEL, e->peer.migrated_to);
        if (channel)
            e = channel;
    }
    if (e->by_key.next) {
        HASH_DELETE(by_key, p->by_key, e);
        HASH_ADD(by_key, p->by_key, key, sizeof(e->key), e);
        if (!e->by_key.tbl) {
            unname(p, e);
            unphone(p, e);
            free(e);
            return NULL;
        }
    }
    return &e->peer;
}

const struct tg_peer *tg_peers_find(struct tg_peers *p, enum peer_kind kind, int64_t id)
{
    return used(p, find(p, kind, id));
}

const struct tg_peer *tg_peers_find_username(struct tg_peers *p, const char *username)
{
    struct entry *e;

    HASH_FIND(by_username, p->by_username, username, strlen(username), e);
    return used(p, e);
}

const struct tg_peer *tg_peers_find_phone(struct tg_peers *p, const char *phone)
{
    struct entry *e;

    HASH_FIND(by_phone, p->by_phone, phone, strlen(phone), e);
    return used(p, e);
}

/* {"_": NAME, MEMBER: ID, "access_hash": HASH}; without what is NULL. */
static json_t *object_of(const char *name, const char *member, int64_t id, const int64_t *hash)
{
    char text[TL_LONG_TEXT_MAX];
    json_t *j = json_object();
    int err = json_object_set_new_nocheck(j, "_", json_string_nocheck(name));

    if (member)
        err |= json_object_set_new_nocheck(j, member, json_stringn_nocheck(text, tl_long_text(text, id)));
    if (hash)
        err |= json_object_set_new_nocheck(j, "access_hash", json_stringn_nocheck(text, tl_long_text(text, *hash)));
    if (err) {
        json_decref(j);
        return NULL;
    }
    return j;
}

json_t *tg_peer_input(const struct tg_peer *peer, const char *want)
{
    if (strcmp(want, "InputUser") == 0) {
        if (peer->kind != PEER_USER)
            return object_of("inputUserEmpty", NULL, 0, NULL);
        if (peer->is_self)
            return object_of("inputUserSelf", NULL, 0, NULL);
        return object_of("inputUser", "user_id", peer->id, &peer->access_hash);
    }
    if (strcmp(want, "InputChannel") == 0) {
        if (peer->kind != PEER_CHANNEL)
            return object_of("inputChannelEmpty", NULL, 0, NULL);
        return object_of("inputChannel", "channel_id", peer->id, &peer->access_hash);
    }
    switch (peer->kind) {
    case PEER_USER:
        if (peer->is_self)
            return object_of("inputPeerSelf", NULL, 0, NULL);
        return object_of("inputPeerUser", "user_id", peer->id, &peer->access_hash);
    case PEER_CHAT:
        return object_of("inputPeerChat", "chat_id", peer->id, NULL);
    case PEER_CHANNEL:
    default:
        return object_of("inputPeerChannel", "channel_id", peer->id, &peer->access_hash);
    }
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
