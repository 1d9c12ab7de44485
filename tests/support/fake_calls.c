/* The life of a group call. */
#include <stdio.h>
#include <string.h>

#include "tests/support/fake_rpc.h"

static int32_t now(const struct fake_rpc *r)
{
    return (int32_t)(clock_wall_us(r->w->clock) / SECOND_US);
}

static json_t *told(struct fake_rpc *r, const struct fake_call *call)
{
    return fake_json_updates(r->w, json_pack("[o]", fake_json_update_call(call)), call->chat);
}

/* One intent is one call: the same random_id in the same chat again is answered as before. */
static const struct fake_call *by_intent(const struct fake_world *w, const struct fake_chat *c, int32_t random_id)
{
    for (size_t i = 0; i < w->calls_n; i++)
        if (w->calls[i].chat == c && random_id && w->calls[i].random_id == random_id)
            return &w->calls[i];
    return NULL;
}

/* On Telegram a second create in a chat ends the running call. */
static json_t *create(struct fake_rpc *r, const json_t *params)
{
    struct fake_chat *c = fake_rpc_chat(r, json_object_get(params, "peer"), "PEER_ID_INVALID");
    int32_t random_id = (int32_t)fake_long(params, "random_id"), date = (int32_t)fake_long(params, "schedule_date");

    if (!c)
        return NULL;
    if (c->migrated_to)
        return fake_rpc_fail(r, 400, "PEER_ID_INVALID");
    if (date && date <= now(r))
        return fake_rpc_fail(r, 400, "SCHEDULE_DATE_INVALID");
    const struct fake_call *same = by_intent(r->w, c, random_id);
    if (same)
        return told(r, same);
    struct fake_call *old = c->call, *call = fake_world_start(r->w, c);
    call->random_id = random_id;
    call->rtmp_stream = json_is_true(json_object_get(params, "rtmp_stream"));
    snprintf(call->title, sizeof(call->title), "%s", fake_text(params, "title"));
    if (date) {
        call->state = FAKE_CALL_SCHEDULED;
        call->schedule_date = date;
        call->started_at = 0;
    }
    json_t *updates = json_array();
    if (old && r->w->tells_ends)
        json_array_append_new(updates, fake_json_update_call(old));
    json_array_append_new(updates, fake_json_update_call(call));
    return fake_json_updates(r->w, updates, c);
}

/* The call that PARAMS name; NULL with the error set. */
static struct fake_call *named(struct fake_rpc *r, const json_t *params)
{
    const json_t *input = json_object_get(params, "call");
    struct fake_call *call = fake_world_call(r->w, fake_long(input, "id"));

    if (!call || call->access_hash != fake_long(input, "access_hash")) {
        fake_rpc_fail(r, 400, "GROUPCALL_INVALID");
        return NULL;
    }
    return call;
}

static struct fake_call *living(struct fake_rpc *r, const json_t *params)
{
    struct fake_call *call = named(r, params);

    if (call && call->state == FAKE_CALL_DISCARDED) {
        fake_rpc_fail(r, 400, "GROUPCALL_INVALID");
        return NULL;
    }
    return call;
}

static json_t *discard(struct fake_rpc *r, const json_t *params)
{
    struct fake_call *call = named(r, params);

    if (!call)
        return NULL;
    if (call->state == FAKE_CALL_DISCARDED)
        return fake_rpc_fail(r, 400, "GROUPCALL_ALREADY_DISCARDED");
    fake_world_end(r->w, call);
    return told(r, call);
}

static json_t *start_scheduled(struct fake_rpc *r, const json_t *params)
{
    struct fake_call *call = living(r, params);

    if (!call)
        return NULL;
    if (call->state != FAKE_CALL_SCHEDULED)
        return fake_rpc_fail(r, 403, "GROUPCALL_ALREADY_STARTED");
    call->state = FAKE_CALL_ACTIVE;
    call->schedule_date = 0;
    call->started_at = now(r);
    call->version++;
    return told(r, call);
}

static json_t *edit_title(struct fake_rpc *r, const json_t *params)
{
    struct fake_call *call = living(r, params);

    if (!call)
        return NULL;
    if (strcmp(call->title, fake_text(params, "title")) == 0)
        return fake_rpc_fail(r, 400, "GROUPCALL_NOT_MODIFIED");
    snprintf(call->title, sizeof(call->title), "%s", fake_text(params, "title"));
    call->version++;
    return told(r, call);
}

static json_t *get_group_call(struct fake_rpc *r, const json_t *params)
{
    struct fake_call *call = living(r, params);

    if (!call)
        return NULL;
    return json_pack("{s:s, s:o, s:[], s:s, s:[o], s:[]}", "_", "phone.groupCall", "call", fake_json_call(call),
                     "participants", "participants_next_offset", "", "chats", fake_json_chat(call->chat), "users");
}

/* A new key makes the old one worthless. */
static json_t *get_rtmp_url(struct fake_rpc *r, const json_t *params)
{
    struct fake_chat *c = fake_rpc_chat(r, json_object_get(params, "peer"), "PEER_ID_INVALID");

    if (!c)
        return NULL;
    c->stream_keys += json_is_true(json_object_get(params, "revoke"));
    return json_pack("{s:s, s:s, s:o}", "_", "phone.groupCallStreamRtmpUrl", "url", "rtmps://10.0.0.1", "key",
                     json_sprintf("key-%u", c->stream_keys));
}

const struct fake_method fake_call_methods[] = {
    {"phone.createGroupCall", create, false},
    {"phone.discardGroupCall", discard, false},
    {"phone.editGroupCallTitle", edit_title, false},
    {"phone.getGroupCall", get_group_call, false},
    {"phone.getGroupCallStreamRtmpUrl", get_rtmp_url, false},
    {"phone.startScheduledGroupCall", start_scheduled, false},
    {NULL, NULL, false},
};
