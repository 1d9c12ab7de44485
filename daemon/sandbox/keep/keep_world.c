#include "daemon/sandbox/keep/keep_world.h"

#include <string.h>

#include "daemon/sandbox/keep/members.h"
#include "daemon/sandbox/world/json.h"

enum { CALL_INDEX = 0xffffff };

static const struct keep_member user_members[] = {
    KEEP_TEXT(world_user, phone),
    KEEP_TEXT(world_user, first_name),
    KEEP_TEXT(world_user, last_name),
    KEEP_TEXT(world_user, username),
    KEEP_NUMBER(world_user, home_dc),
    KEEP_NUMBER(world_user, box.pts),
    KEEP_NUMBER(world_user, last_message_id),
    KEEP_OPTIONAL(world_user, containers),
    {NULL, 0, 0, false, false},
};

static const struct keep_member chat_members[] = {
    KEEP_NUMBER(world_chat, date),
    KEEP_NUMBER(world_chat, version),
    KEEP_NUMBER(world_chat, rtmp_generation),
    KEEP_NUMBER(world_chat, box.pts),
    KEEP_NUMBER(world_chat, last_message_id),
    {NULL, 0, 0, false, false},
};

static const struct keep_member member_members[] = {
    KEEP_NUMBER(world_member, top_id),
    KEEP_NUMBER(world_member, has_join_as),
    {NULL, 0, 0, false, false},
};

static const struct keep_member message_members[] = {
    KEEP_NUMBER(world_message, id),          KEEP_NUMBER(world_message, date),
    KEEP_NUMBER(world_message, chat_id),     KEEP_NUMBER(world_message, is_basic),
    KEEP_NUMBER(world_message, is_post),     KEEP_NUMBER(world_message, actor_id),
    KEEP_NUMBER(world_message, action),      KEEP_NUMBER(world_message, call_id),
    KEEP_NUMBER(world_message, call_hash),   KEEP_NUMBER(world_message, value),
    KEEP_NUMBER(world_message, invited),     KEEP_OPTIONAL(world_message, is_private),
    KEEP_OPTIONAL(world_message, is_edit),   KEEP_OPTIONAL(world_message, other_id),
    KEEP_OPTIONAL_TEXT(world_message, text), {NULL, 0, 0, false, false},
};

static const struct keep_member call_members[] = {
    KEEP_NUMBER(world_call, id),
    KEEP_NUMBER(world_call, access_hash),
    KEEP_NUMBER(world_call, rtmp),
    KEEP_NUMBER(world_call, state),
    KEEP_NUMBER(world_call, created_at),
    KEEP_NUMBER(world_call, started_at),
    KEEP_NUMBER(world_call, ended_at),
    KEEP_NUMBER(world_call, schedule_date),
    KEEP_NUMBER(world_call, version),
    KEEP_NUMBER(world_call, join_muted),
    KEEP_NUMBER(world_call, messages_off),
    KEEP_NUMBER(world_call, record_video),
    KEEP_NUMBER(world_call, record_start_date),
    KEEP_NUMBER(world_call, paid_stars),
    KEEP_NUMBER(world_call, invite_key),
    KEEP_NUMBER(world_call, subscribed),
    KEEP_NUMBER(world_call, invited),
    {NULL, 0, 0, false, false},
};

/* --- what has a pts --- */

static json_t *pack_events(const struct world_box *box)
{
    json_t *list = json_array();

    for (size_t i = 0; i < WORLD_EVENTS; i++) {
        if (!box->events[i])
            continue;
        json_t *j = keep_members_pack(&box->events[i]->message, message_members);
        json_put(j, "pts", json_integer(box->events[i]->pts));
        json_array_append_new(list, j);
    }
    return list;
}

static int unpack_events(struct world_box *box, json_t *list)
{
    int err = 0;
    json_t *j;
    size_t i;

    json_array_foreach (list, i, j) {
        struct world_event event = {.pts = (int)json_get_long(j, "pts")};
        err = keep_members_unpack(&event.message, message_members, j);
        if (!err)
            err = world_box_put(box, &event);
        if (err)
            break;
    }
    return err;
}

/* --- users --- */

static json_t *pack_users(const struct world *w)
{
    json_t *list = json_array();

    for (size_t i = 0; i < w->users_n; i++) {
        json_t *j = keep_members_pack(w->users[i], user_members);
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
    int err = unpack_events(&u->box, json_object_get(j, "events"));
    return err ? err : keep_members_unpack(u, user_members, j);
}

/* --- chats: those of the seed --- */

static json_t *pack_members(const struct world_chat *c)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < c->members_n; i++) {
        const struct world_member *m = &c->members[i];
        json_t *j = keep_members_pack(m, member_members);
        json_put(j, "user", json_integer(m->user->id));
        json_put(j, "join_as", m->join_as ? json_integer(m->join_as->id) : NULL);
        if (m->top.id)
            json_put(j, "top", keep_members_pack(&m->top, message_members));
        json_array_append_new(list, j);
    }
    return list;
}

static json_t *pack_chats(const struct world *w)
{
    json_t *list = json_array();

    for (size_t i = 0; i < w->chats_n; i++) {
        json_t *j = keep_members_pack(w->chats[i], chat_members);
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
    const json_t *top = json_object_get(j, "top");
    int err = top ? keep_members_unpack(&m->top, message_members, top) : 0;
    return err ? err : keep_members_unpack(m, member_members, j);
}

static int unpack_chat(struct world *w, const json_t *j)
{
    struct world_chat *c = world_chat_by_id(w, json_get_long(j, "id"), json_get_true(j, "basic"));
    json_t *member;
    size_t i;

    if (!c)
        return TGC_ESYNTAX;
    int err = unpack_events(&c->box, json_object_get(j, "events"));
    if (!err)
        err = keep_members_unpack(c, chat_members, j);
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
        json_t *j = keep_members_pack(c, call_members);
        json_put(j, "chat", json_integer(c->chat->id));
        json_put(j, "basic", json_boolean(c->chat->kind == WORLD_BASIC));
        json_put_flag(j, "conference", c->chat->kind == WORLD_CONFERENCE);
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

    bool is_conference = json_get_true(j, "conference");
    int32_t random_id = (int32_t)json_get_long(j, "random_id");

    if ((!chat && !is_conference) || !creator)
        return TGC_ESYNTAX;
    struct world_call *c =
        is_conference ? world_add_conference(w, creator, random_id) : world_add_call(w, chat, creator, random_id);
    if (!c)
        return TGC_ENOMEM;
    int err = keep_members_unpack(c, call_members, j);
    if (err || ((uint64_t)c->id & CALL_INDEX) != w->calls_n - 1 || (unsigned)c->state > WORLD_CALL_DISCARDED)
        return TGC_ESYNTAX;
    if (world_text_set(&c->title, json_object_get(j, "title"), WORLD_TITLE_MAX) ||
        world_text_set(&c->record_title, json_object_get(j, "record_title"), WORLD_TITLE_MAX))
        return TGC_ENOMEM;
    c->chat->call = c->state != WORLD_CALL_DISCARDED ? c : is_conference ? NULL : c->chat->call;
    return unpack_first(w, c, j);
}

/* --- all of it --- */

void keep_world_pack(const struct world *w, json_t *kept)
{
    json_put(kept, "secret", json_from_bytes(w->secret, sizeof(w->secret)));
    json_put(kept, "next_user_id", json_integer(w->next_user_id));
    json_put(kept, "users", pack_users(w));
    json_put(kept, "chats", pack_chats(w));
    json_put(kept, "calls", pack_calls(w));
}

static int unpack_all(struct world *w, const json_t *kept, const char *name,
                      int (*unpack)(struct world *w, const json_t *j))
{
    json_t *item;
    size_t i;
    int err = 0;

    json_array_foreach (json_object_get(kept, name), i, item)
        err = err ? err : unpack(w, item);
    return err;
}

int keep_world_unpack(struct world *w, const json_t *kept)
{
    uint8_t secret[sizeof(w->secret)];
    size_t len;

    if (json_get_bytes(kept, "secret", secret, sizeof(secret), &len) || len != sizeof(secret))
        return TGC_ESYNTAX;
    memcpy(w->secret, secret, sizeof(secret));
    w->next_user_id = json_get_long(kept, "next_user_id");
    int err = unpack_all(w, kept, "users", unpack_user);
    err = err ? err : unpack_all(w, kept, "chats", unpack_chat);
    return err ? err : unpack_all(w, kept, "calls", unpack_call);
}
