#include "daemon/sandbox/keep_world.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/sandbox/world/json.h"

enum { FORMAT = 1, CALL_INDEX = 0xffffff };

/* --- members of structs, by tables that serve both ways --- */

struct field {
    const char *name;
    size_t at, size;
    bool is_text;
};

#define NUMBER(type, member)                                                                                           \
    {                                                                                                                  \
#member, offsetof(struct type, member), sizeof(((struct type *)0)->member), false                              \
    }
#define TEXT(type, member)                                                                                             \
    {                                                                                                                  \
#member, offsetof(struct type, member), sizeof(((struct type *)0)->member), true                               \
    }

static const struct field user_fields[] = {
    TEXT(world_user, phone),
    TEXT(world_user, first_name),
    TEXT(world_user, last_name),
    TEXT(world_user, username),
    NUMBER(world_user, home_dc),
    NUMBER(world_user, box.pts),
    NUMBER(world_user, last_message_id),
    {NULL, 0, 0, false},
};

static const struct field chat_fields[] = {
    NUMBER(world_chat, date),    NUMBER(world_chat, version),         NUMBER(world_chat, rtmp_generation),
    NUMBER(world_chat, box.pts), NUMBER(world_chat, last_message_id), {NULL, 0, 0, false},
};

static const struct field member_fields[] = {
    NUMBER(world_member, top_id),
    NUMBER(world_member, has_join_as),
    {NULL, 0, 0, false},
};

static const struct field call_fields[] = {
    NUMBER(world_call, id),
    NUMBER(world_call, access_hash),
    NUMBER(world_call, rtmp),
    NUMBER(world_call, state),
    NUMBER(world_call, created_at),
    NUMBER(world_call, started_at),
    NUMBER(world_call, ended_at),
    NUMBER(world_call, schedule_date),
    NUMBER(world_call, version),
    NUMBER(world_call, join_muted),
    NUMBER(world_call, messages_off),
    NUMBER(world_call, record_video),
    NUMBER(world_call, record_start_date),
    NUMBER(world_call, paid_stars),
    NUMBER(world_call, invite_key),
    NUMBER(world_call, subscribed),
    NUMBER(world_call, invited),
    {NULL, 0, 0, false},
};

static const struct field key_fields[] = {
    NUMBER(auth, dc),    NUMBER(auth, first_salt), NUMBER(auth, made_us), NUMBER(auth, media),
    NUMBER(auth, layer), TEXT(auth, app),          {NULL, 0, 0, false},
};

static int64_t number_at(const char *p, size_t size)
{
    int32_t small;
    int64_t large;

    if (size == sizeof(bool))
        return *p;
    memcpy(&small, p, sizeof(small));
    if (size == sizeof(small))
        return small;
    memcpy(&large, p, sizeof(large));
    return large;
}

static void set_number(char *p, size_t size, int64_t value)
{
    int32_t small = (int32_t)value;

    if (size == sizeof(bool))
        *p = value != 0;
    else
        memcpy(p, size == sizeof(small) ? (const void *)&small : &value, size);
}

static json_t *pack(const void *object, const struct field *fields)
{
    json_t *j = json_object();

    for (const struct field *f = fields; f->name; f++) {
        const char *p = (const char *)object + f->at;
        json_put(j, f->name, f->is_text ? json_string(p) : json_integer(number_at(p, f->size)));
    }
    return j;
}

static int unpack(void *object, const struct field *fields, const json_t *j)
{
    for (const struct field *f = fields; f->name; f++) {
        const json_t *value = json_object_get(j, f->name);
        char *p = (char *)object + f->at;
        if (f->is_text ? !json_is_string(value) : !json_is_integer(value))
            return TGC_ESYNTAX;
        if (f->is_text)
            json_copy_text(j, f->name, p, f->size);
        else
            set_number(p, f->size, json_integer_value(value));
    }
    return 0;
}

/* --- what has a pts --- */

static json_t *pack_events(const struct world_box *box)
{
    json_t *list = json_array();

    for (size_t i = 0; i < WORLD_EVENTS; i++)
        if (box->events[i])
            json_array_append(list, box->events[i]);
    return list;
}

static void unpack_events(struct world_box *box, json_t *list)
{
    json_t *event;
    size_t i;

    json_array_foreach (list, i, event) {
        json_t **slot = &box->events[(uint64_t)json_get_long(event, "pts") % WORLD_EVENTS];
        json_decref(*slot);
        *slot = json_incref(event);
    }
}

/* --- users --- */

static json_t *pack_users(const struct world *w)
{
    json_t *list = json_array();

    for (size_t i = 0; i < w->users_n; i++) {
        json_t *j = pack(w->users[i], user_fields);
        json_put(j, "id", json_integer(w->users[i]->id));
        json_put(j, "events", pack_events(&w->users[i]->box));
        json_array_append_new(list, j);
    }
    return list;
}

static int unpack_user(struct world *w, const json_t *j)
{
    int64_t id = json_get_long(j, "id");
    struct world_user *u = world_user_by_id(w, id);

    if (!u)
        u = world_add_user(w, id, "", "", "", "", 1);
    if (!u)
        return TGC_ENOMEM;
    unpack_events(&u->box, json_object_get(j, "events"));
    return unpack(u, user_fields, j);
}

/* --- chats: those of the seed --- */

static json_t *pack_members(const struct world_chat *c)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < c->members_n; i++) {
        const struct world_member *m = &c->members[i];
        json_t *j = pack(m, member_fields);
        json_put(j, "user", json_integer(m->user->id));
        json_put(j, "join_as", m->join_as ? json_integer(m->join_as->id) : NULL);
        json_put(j, "top", json_incref(m->top));
        json_array_append_new(list, j);
    }
    return list;
}

static json_t *pack_chats(const struct world *w)
{
    json_t *list = json_array();

    for (size_t i = 0; i < w->chats_n; i++) {
        json_t *j = pack(w->chats[i], chat_fields);
        json_put(j, "id", json_integer(w->chats[i]->id));
        json_put(j, "basic", json_boolean(w->chats[i]->kind == WORLD_BASIC));
        json_put(j, "members", pack_members(w->chats[i]));
        json_put(j, "events", pack_events(&w->chats[i]->box));
        json_array_append_new(list, j);
    }
    return list;
}

static int unpack_member(struct world *w, struct world_chat *c, const json_t *j)
{
    struct world_member *m = world_member(c, world_user_by_id(w, json_get_long(j, "user")));

    if (!m)
        return TGC_ESYNTAX;
    m->join_as = world_chat_by_id(w, json_get_long(j, "join_as"), false);
    json_decref(m->top);
    m->top = json_incref(json_object_get(j, "top"));
    return unpack(m, member_fields, j);
}

static int unpack_chat(struct world *w, const json_t *j)
{
    struct world_chat *c = world_chat_by_id(w, json_get_long(j, "id"), json_get_true(j, "basic"));
    json_t *member;
    size_t i;

    if (!c)
        return TGC_ESYNTAX;
    unpack_events(&c->box, json_object_get(j, "events"));
    int err = unpack(c, chat_fields, j);
    json_array_foreach (json_object_get(j, "members"), i, member)
        err = err ? err : unpack_member(w, c, member);
    return err;
}

/* --- calls, in the order of their table: the ids follow it --- */

static json_t *pack_calls(const struct world *w)
{
    json_t *list = json_array();

    for (size_t i = 0; i < w->calls_n; i++) {
        const struct world_call *c = w->calls[i];
        json_t *j = pack(c, call_fields);
        json_put(j, "chat", json_integer(c->chat->id));
        json_put(j, "basic", json_boolean(c->chat->kind == WORLD_BASIC));
        json_put(j, "creator", json_integer(c->creator->id));
        json_put(j, "random_id", json_integer(c->random_id));
        json_put(j, "title", world_text_json(&c->title));
        json_put(j, "record_title", world_text_json(&c->record_title));
        if (c->first) {
            json_put(j, "first", json_from_bytes(c->first->bytes, c->first->len));
            json_put(j, "first_layer", json_integer(c->first->layer));
        }
        json_array_append_new(list, j);
    }
    return list;
}

static int unpack_first(struct world *w, struct world_call *c, const json_t *j)
{
    uint8_t bytes[WORLD_FIRST_MAX];
    size_t len;

    if (!json_object_get(j, "first"))
        return 0;
    if (json_get_bytes(j, "first", bytes, sizeof(bytes), &len))
        return TGC_ESYNTAX;
    world_first_keep(&w->firsts, &c->first, (int)json_get_long(j, "first_layer"), bytes, len);
    return 0;
}

static int unpack_call(struct world *w, const json_t *j)
{
    struct world_chat *chat = world_chat_by_id(w, json_get_long(j, "chat"), json_get_true(j, "basic"));
    struct world_user *creator = world_user_by_id(w, json_get_long(j, "creator"));

    if (!chat || !creator)
        return TGC_ESYNTAX;
    struct world_call *c = world_add_call(w, chat, creator, (int32_t)json_get_long(j, "random_id"));
    if (!c)
        return TGC_ENOMEM;
    int err = unpack(c, call_fields, j);
    if (err || ((uint64_t)c->id & CALL_INDEX) != w->calls_n - 1 || (unsigned)c->state > WORLD_CALL_DISCARDED)
        return TGC_ESYNTAX;
    if (world_text_set(&c->title, json_object_get(j, "title"), WORLD_TITLE_MAX) ||
        world_text_set(&c->record_title, json_object_get(j, "record_title"), WORLD_TITLE_MAX))
        return TGC_ENOMEM;
    if (c->state != WORLD_CALL_DISCARDED)
        chat->call = c;
    return unpack_first(w, c, j);
}

/* --- keys --- */

static json_t *pack_keys(const struct keys *k)
{
    json_t *list = json_array();

    for (size_t i = 0; i < KEYS_BUCKETS; i++) {
        for (const struct auth *a = k->buckets[i]; a; a = a->next) {
            if (a->temporary || !a->account.user)
                continue;
            json_t *j = pack(a, key_fields);
            json_put(j, "key", json_from_bytes(a->key->key, sizeof(a->key->key)));
            json_put(j, "user", json_integer(a->account.user->id));
            json_array_append_new(list, j);
        }
    }
    return list;
}

static int unpack_key(struct sandbox *s, const json_t *j)
{
    struct world_user *user = world_user_by_id(&s->world, json_get_long(j, "user"));
    struct auth read = {0};
    uint8_t bytes[256];
    size_t len;

    if (!user || unpack(&read, key_fields, j) || json_get_bytes(j, "key", bytes, sizeof(bytes), &len) ||
        len != sizeof(bytes))
        return TGC_ESYNTAX;
    struct mt_auth_key *key = mt_auth_key_new(bytes);
    struct auth *a = key ? keys_add(&s->keys, read.dc, key, read.first_salt, read.made_us) : NULL;
    if (!a)
        return TGC_ENOMEM;
    a->media = read.media;
    a->schema = sandbox_schema(s, read.layer);
    a->layer = read.layer;
    memcpy(a->app, read.app, sizeof(a->app));
    a->account.user = user;
    keys_file(&s->keys, a);
    return 0;
}

/* --- all of it --- */

json_t *keep_pack(const struct sandbox *s)
{
    const struct world *w = &s->world;

    return json_pack("{s:i, s:o, s:I, s:o, s:o, s:o, s:o}", "format", FORMAT, "secret",
                     json_from_bytes(w->secret, sizeof(w->secret)), "next_user_id", (json_int_t)w->next_user_id,
                     "users", pack_users(w), "chats", pack_chats(w), "calls", pack_calls(w), "keys",
                     pack_keys(&s->keys));
}

int keep_unpack(struct sandbox *s, const json_t *kept)
{
    struct world *w = &s->world;
    uint8_t secret[sizeof(w->secret)];
    json_t *item;
    size_t i, len;
    int err = 0;

    if (json_get_long(kept, "format") != FORMAT || json_get_bytes(kept, "secret", secret, sizeof(secret), &len) ||
        len != sizeof(secret))
        return TGC_ESYNTAX;
    memcpy(w->secret, secret, sizeof(secret));
    w->next_user_id = json_get_long(kept, "next_user_id");
    json_array_foreach (json_object_get(kept, "users"), i, item)
        err = err ? err : unpack_user(w, item);
    json_array_foreach (json_object_get(kept, "chats"), i, item)
        err = err ? err : unpack_chat(w, item);
    json_array_foreach (json_object_get(kept, "calls"), i, item)
        err = err ? err : unpack_call(w, item);
    json_array_foreach (json_object_get(kept, "keys"), i, item)
        err = err ? err : unpack_key(s, item);
    return err;
}
