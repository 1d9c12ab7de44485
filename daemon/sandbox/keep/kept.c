#include "daemon/sandbox/keep/kept.h"

#include <string.h>

#include "daemon/sandbox/keep/keep_world.h"
#include "daemon/sandbox/keep/members.h"
#include "daemon/sandbox/world/json.h"

enum { FORMAT = 1 };

static const struct keep_member key_members[] = {
    KEEP_NUMBER(auth, dc),    KEEP_NUMBER(auth, first_salt), KEEP_NUMBER(auth, made_us), KEEP_NUMBER(auth, media),
    KEEP_NUMBER(auth, layer), KEEP_TEXT(auth, app),          {NULL, 0, 0, false, false},
};

static json_t *pack_keys(const struct keys *k)
{
    json_t *list = json_array();

    for (size_t i = 0; i < KEYS_BUCKETS; i++) {
        for (const struct auth *a = k->buckets[i]; a; a = a->next) {
            if (a->temporary || !a->account.user)
                continue;
            json_t *j = keep_members_pack(a, key_members);
            json_put(j, "key", json_from_bytes(a->key->key, sizeof(a->key->key)));
            json_put(j, "user", json_integer(a->account.user->id));
            json_array_append_new(list, j);
        }
    }
    return list;
}

static int unpack_key(struct centres *s, const json_t *j)
{
    struct world_user *user = world_user_by_id(&s->world, json_get_long(j, "user"));
    struct auth read = {0};
    uint8_t bytes[256];
    size_t len;

    if (!user || keep_members_unpack(&read, key_members, j) || json_get_bytes(j, "key", bytes, sizeof(bytes), &len) ||
        len != sizeof(bytes))
        return TGC_ESYNTAX;
    struct mt_auth_key *key = mt_auth_key_new(bytes);
    struct auth *a = key ? keys_add(&s->keys, read.dc, key, read.first_salt, read.made_us) : NULL;
    if (!a)
        return TGC_ENOMEM;
    a->media = read.media;
    a->schema = centres_schema(s, read.layer);
    a->layer = read.layer;
    memcpy(a->app, read.app, sizeof(a->app));
    a->account.user = user;
    keys_file(&s->keys, a);
    return 0;
}

json_t *kept_pack(const struct centres *s)
{
    json_t *kept = json_pack("{s:i}", "format", FORMAT);

    keep_world_pack(&s->world, kept);
    json_put(kept, "keys", pack_keys(&s->keys));
    return kept;
}

int kept_unpack(struct centres *s, const json_t *kept)
{
    json_t *item;
    size_t i;

    if (json_get_long(kept, "format") != FORMAT)
        return TGC_ESYNTAX;
    int err = keep_world_unpack(&s->world, kept);
    memcpy(s->keys.secret, s->world.secret, sizeof(s->keys.secret));
    json_array_foreach (json_object_get(kept, "keys"), i, item)
        err = err ? err : unpack_key(s, item);
    return err;
}
