#include "tests/support/fake_world.h"

#include <stdio.h>
#include <string.h>

#include <check.h>

static int32_t now(const struct fake_world *w)
{
    return (int32_t)(clock_wall_us(w->clock) / SECOND_US);
}

static struct fake_chat chat(enum peer_kind kind, int64_t id, const char *username)
{
    struct fake_chat c = {.kind = kind, .id = id, .access_hash = kind == PEER_CHAT ? 0 : id * 7};

    snprintf(c.username, sizeof(c.username), "%s", username);
    snprintf(c.title, sizeof(c.title), "Chat %d", (int)id);
    return c;
}

static struct fake_user user(int64_t id, const char *phone)
{
    struct fake_user u = {.id = id, .access_hash = id * 9, .code = "12345", .home_dc = 1};

    snprintf(u.phone, sizeof(u.phone), "%s", phone);
    snprintf(u.first_name, sizeof(u.first_name), "User %d", (int)id);
    return u;
}

void fake_world_init(struct fake_world *w, const struct clock_source *clock, const struct random_source *random)
{
    *w = (struct fake_world){
        .clock = clock,
        .random = random,
        .users = {user(1001, "15550001"), user(1002, "15550002")},
        .chats = {chat(PEER_CHAT, 501, ""), chat(PEER_CHANNEL, 6001, "news"), chat(PEER_CHANNEL, 6002, "talk"),
                  chat(PEER_CHANNEL, 6003, "")},
    };
}

struct fake_chat *fake_world_chat(struct fake_world *w, enum peer_kind kind, int64_t id)
{
    for (size_t i = 0; i < FAKE_CHATS; i++)
        if (w->chats[i].kind == kind && w->chats[i].id == id)
            return &w->chats[i];
    return NULL;
}

struct fake_chat *fake_world_named(struct fake_world *w, const char *username)
{
    for (size_t i = 0; i < FAKE_CHATS; i++)
        if (*username && strcasecmp(w->chats[i].username, username) == 0)
            return &w->chats[i];
    return NULL;
}

struct fake_call *fake_world_call(struct fake_world *w, int64_t id)
{
    for (size_t i = 0; i < w->calls_n; i++)
        if (w->calls[i].id == id)
            return &w->calls[i];
    return NULL;
}

unsigned fake_world_alive(const struct fake_world *w)
{
    unsigned n = 0;

    for (size_t i = 0; i < w->calls_n; i++)
        n += w->calls[i].state != FAKE_CALL_DISCARDED;
    return n;
}

void fake_world_end(struct fake_world *w, struct fake_call *call)
{
    call->state = FAKE_CALL_DISCARDED;
    call->ended_at = now(w);
    if (call->chat->call == call)
        call->chat->call = NULL;
}

struct fake_call *fake_world_start(struct fake_world *w, struct fake_chat *c)
{
    ck_assert_uint_lt(w->calls_n, FAKE_CALLS_MAX);
    struct fake_call *call = &w->calls[w->calls_n++];
    int64_t id = 9000 + (int64_t)w->calls_n;

    if (c->call)
        fake_world_end(w, c->call);
    *call = (struct fake_call){.id = id, .access_hash = id * 11, .chat = c, .version = 1, .started_at = now(w)};
    c->call = call;
    return call;
}

/* --- as Telegram's objects --- */

json_t *fake_json_user(const struct fake_user *u)
{
    return json_pack("{s:s, s:b, s:I, s:I, s:s, s:s}", "_", "user", "self", 1, "id", (json_int_t)u->id, "access_hash",
                     (json_int_t)u->access_hash, "first_name", u->first_name, "phone", u->phone);
}

json_t *fake_json_chat(const struct fake_chat *c)
{
    json_t *j = json_pack("{s:s, s:I, s:s, s:{s:s}, s:i, s:i, s:b}", "_", c->kind == PEER_CHAT ? "chat" : "channel",
                          "id", (json_int_t)c->id, "title", c->title, "photo", "_", "chatPhotoEmpty", "date",
                          1600000000, "participants_count", 3, "creator", 1);

    if (c->kind == PEER_CHAT)
        json_object_set_new(j, "version", json_integer(1));
    else
        json_object_set_new(j, "access_hash", json_integer(c->access_hash));
    if (*c->username)
        json_object_set_new(j, "username", json_string(c->username));
    if (c->call)
        json_object_set_new(j, "call_active", json_true());
    if (c->migrated_to) {
        json_object_set_new(j, "deactivated", json_true());
        json_object_set_new(j, "migrated_to",
                            json_pack("{s:s, s:I, s:I}", "_", "inputChannel", "channel_id",
                                      (json_int_t)c->migrated_to->id, "access_hash",
                                      (json_int_t)c->migrated_to->access_hash));
    }
    return j;
}

json_t *fake_json_peer(const struct fake_chat *c)
{
    if (c->kind == PEER_CHAT)
        return json_pack("{s:s, s:I}", "_", "peerChat", "chat_id", (json_int_t)c->id);
    return json_pack("{s:s, s:I}", "_", "peerChannel", "channel_id", (json_int_t)c->id);
}

json_t *fake_json_input_call(const struct fake_call *call)
{
    return json_pack("{s:s, s:I, s:I}", "_", "inputGroupCall", "id", (json_int_t)call->id, "access_hash",
                     (json_int_t)call->access_hash);
}

json_t *fake_json_call(const struct fake_call *call)
{
    if (call->state == FAKE_CALL_DISCARDED)
        return json_pack("{s:s, s:I, s:I, s:i}", "_", "groupCallDiscarded", "id", (json_int_t)call->id, "access_hash",
                         (json_int_t)call->access_hash, "duration",
                         call->started_at ? (int)(call->ended_at - call->started_at) : 0);
    json_t *j = json_pack("{s:s, s:b, s:I, s:I, s:i, s:i, s:i}", "_", "groupCall", "creator", 1, "id",
                          (json_int_t)call->id, "access_hash", (json_int_t)call->access_hash, "participants_count", 0,
                          "unmuted_video_limit", 30, "version", (int)call->version);
    if (*call->title)
        json_object_set_new(j, "title", json_string(call->title));
    if (call->schedule_date)
        json_object_set_new(j, "schedule_date", json_integer(call->schedule_date));
    if (call->rtmp_stream)
        json_object_set_new(j, "rtmp_stream", json_true());
    return j;
}

/* Each layer takes the member that it has. */
json_t *fake_json_update_call(const struct fake_call *call)
{
    return json_pack("{s:s, s:I, s:o, s:o}", "_", "updateGroupCall", "chat_id", (json_int_t)call->chat->id, "peer",
                     fake_json_peer(call->chat), "call", fake_json_call(call));
}

json_t *fake_json_updates(const struct fake_world *w, json_t *updates, const struct fake_chat *c)
{
    return json_pack("{s:s, s:o, s:[], s:[o], s:i, s:i}", "_", "updates", "updates", updates, "users", "chats",
                     fake_json_chat(c), "date", (int)now(w), "seq", 0);
}
