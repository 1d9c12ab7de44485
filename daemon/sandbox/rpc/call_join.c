/* Being in a call: as whom, joining, leaving. There is no media: a participant is a name and a source number. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/hex.h"
#include "daemon/sandbox/rpc/call.h"

static json_t *get_join_as(struct rpc *r, const json_t *params)
{
    json_t *peers, *chats;

    if (!rpc_input_peer_chat(r, json_object_get(params, "peer")))
        return NULL;
    peers = json_pack("[o]", view_peer_user(r->user));
    chats = json_array();
    for (size_t i = 0; i < r->w->chats_n; i++) {
        const struct world_identity as = {.channel = r->w->chats[i]};
        if (!rpc_call_may_be(r, &as))
            continue;
        json_array_append_new(peers, view_peer(as.channel));
        json_array_append_new(chats, view_chat(r->w, r->user, as.channel));
    }
    return json_pack("{s:s, s:o, s:o, s:o}", "_", "phone.joinAsPeers", "peers", peers, "chats", chats, "users",
                     rpc_users(r, &r->user, 1));
}

/* "join_as" of PARAMS; false with the error set. */
static bool join_as(struct rpc *r, const json_t *params, struct world_identity *ret)
{
    if (!rpc_call_identity(r, json_object_get(params, "join_as"), ret) || !rpc_call_may_be(r, ret))
        return rpc_fail(r, 400, "JOIN_AS_PEER_INVALID"), false;
    ret->user = r->user;
    return true;
}

static json_t *save_join_as(struct rpc *r, const json_t *params)
{
    struct world_chat *chat = rpc_input_peer_chat(r, json_object_get(params, "peer"));
    struct world_member *m = chat ? world_member(chat, r->user) : NULL;
    struct world_identity as;

    if (!chat)
        return NULL;
    if (!m)
        return rpc_fail(r, 400, "PEER_ID_INVALID");
    if (!join_as(r, params, &as))
        return NULL;
    m->has_join_as = true;
    m->join_as = as.channel;
    return json_true();
}

/* It is unsigned there, and an int in TL. */
bool rpc_call_source(const json_t *data, int32_t *ret)
{
    json_t *j = json_loads(json_get_text(data, "data"), JSON_REJECT_DUPLICATES, NULL);
    const json_t *ssrc = json_object_get(j, "ssrc");
    json_int_t n = json_integer_value(ssrc);
    bool ok = json_is_integer(ssrc) && n != 0 && n >= INT32_MIN && n <= (json_int_t)UINT32_MAX;

    if (ok)
        *ret = (int32_t)(uint32_t)n;
    json_decref(j);
    return ok;
}

/* What a media server would answer; of the right form, and nobody is behind it. */
static json_t *connection_params(const struct rpc *r, const struct world_call *call)
{
    uint8_t raw[12];
    char text[25];

    if (call->rtmp)
        return json_pack("{s:s, s:s}", "_", "dataJSON", "data", "{\"stream\":true,\"rtmp\":true}");
    random_fill(r->w->random, raw, sizeof(raw));
    hex_encode(raw, sizeof(raw), text);
    return json_pack("{s:s, s:o}", "_", "dataJSON", "data",
                     json_sprintf("{\"transport\":{\"ufrag\":\"%.8s\",\"pwd\":\"%s\",\"fingerprints\":[],"
                                  "\"candidates\":[]}}",
                                  text, text));
}

json_t *rpc_call_connection(const struct rpc *r, const struct world_call *call, bool presentation)
{
    json_t *j = json_pack("{s:s, s:o}", "_", "updateGroupCallConnection", "params", connection_params(r, call));

    json_put_flag(j, "presentation", presentation);
    return j;
}

static bool may_speak(const struct rpc *r, const struct world_call *call, const char *invite_hash)
{
    char hash[24];

    snprintf(hash, sizeof(hash), "%016" PRIx64, call->invite_key);
    return !call->rtmp &&
           (world_may_manage(call->chat, r->user) || !call->join_muted || strcmp(invite_hash, hash) == 0);
}

static void leave(struct update_batch *b, struct world_call *call, struct world_participant *p)
{
    struct world_participant gone = *p;

    world_participant_drop(call, p);
    gone.left = true;
    gone.volume_for = NULL;
    call->version++;
    update_participant(b, call, &gone, true, false);
}

/* Joining again replaces the source; speaking as somebody else is leaving first. */
static struct world_participant *enter(struct update_batch *b, struct rpc *r, struct world_call *call,
                                       const struct world_identity *as, int32_t source)
{
    struct world_participant *p = world_participant_of(call, r->user);

    if (p && p->as.channel != as->channel) {
        leave(b, call, p);
        p = NULL;
    }
    if (!p)
        return world_participant_add(r->w, call, as, source);
    p->source = source;
    p->active_date = world_now(r->w);
    return p;
}

static json_t *join(struct rpc *r, const json_t *params)
{
    struct update_batch batch;
    struct world_call *call = rpc_call_living(r, params);
    struct world_identity as;
    int32_t source;

    if (!call)
        return NULL;
    if (call->state != WORLD_CALL_ACTIVE)
        return rpc_fail(r, 403, "GROUPCALL_FORBIDDEN");
    if (!join_as(r, params, &as))
        return NULL;
    /* Joining a conference writes a block into its end-to-end chain, of which there is none here: no block fits. */
    if (call->chat->kind == WORLD_CONFERENCE) {
        if (as.channel)
            return rpc_fail(r, 400, "JOIN_AS_PEER_INVALID");
        return rpc_fail(r, 400,
                        json_object_get(params, "public_key") ? "CONF_WRITE_CHAIN_INVALID" : "PUBLIC_KEY_INVALID");
    }
    if (!rpc_call_source(json_object_get(params, "params"), &source))
        return rpc_fail(r, 400, "DATA_JSON_INVALID");
    const struct world_participant *same = world_participant_by_source(call, source);
    if (same && same->as.user != r->user)
        return rpc_fail(r, 400, "GROUPCALL_SSRC_DUPLICATE_MUCH");
    bool joined = world_participant_of(call, r->user) == NULL;
    update_begin(&batch, r->w, call->chat, r->user);
    struct world_participant *p = enter(&batch, r, call, &as, source);
    if (!p) {
        json_decref(update_finish(&batch));
        return rpc_fail(r, 500, "GROUPCALL_ADD_PARTICIPANTS_FAILED");
    }
    p->can_self_unmute = may_speak(r, call, json_get_text(params, "invite_hash"));
    p->muted = !p->can_self_unmute || json_get_true(params, "muted");
    p->video = p->can_self_unmute && !json_get_true(params, "video_stopped");
    p->video_paused = p->presents = p->presentation_paused = false;
    call->version++;
    update_participant(&batch, call, p, true, joined);
    json_t *answer = update_finish(&batch), *updates = json_object_get(answer, "updates");
    /* The parameters are of the call that is told with them: without it TDLib has not joined. */
    json_array_append_new(updates, view_update_call(r->user, call));
    json_array_append_new(updates, rpc_call_connection(r, call, false));
    return answer;
}

/* An old connection of somebody who joined again leaves nothing behind. */
static json_t *leave_call(struct rpc *r, const json_t *params)
{
    struct update_batch batch;
    struct world_call *call = rpc_call_named(r, params);
    struct world_participant *p = call ? world_participant_of(call, r->user) : NULL;

    if (!call)
        return NULL;
    update_begin(&batch, r->w, call->chat, r->user);
    if (p && p->source == (int32_t)json_get_long(params, "source"))
        leave(&batch, call, p);
    else
        batch.actor_only = true;
    return update_answer(&batch, r);
}

static json_t *check(struct rpc *r, const json_t *params)
{
    struct world_call *call = rpc_call_named(r, params);
    struct world_participant *self = call ? world_participant_of(call, r->user) : NULL;
    json_t *found, *item;
    size_t i;

    if (!call)
        return NULL;
    if (!self)
        return rpc_fail(r, 400, "GROUPCALL_JOIN_MISSING");
    self->active_date = world_now(r->w);
    found = json_array();
    json_array_foreach (json_object_get(params, "sources"), i, item)
        if (world_participant_by_source(call, (int32_t)json_as_long(item)))
            json_array_append(found, item);
    return found;
}

static json_t *stream_channels(struct rpc *r, const json_t *params)
{
    const struct world_call *call = rpc_call_named(r, params);

    if (!call)
        return NULL;
    if (!world_participant_of(call, r->user))
        return rpc_fail(r, 400, "GROUPCALL_JOIN_MISSING");
    return json_pack("{s:s, s:[]}", "_", "phone.groupCallStreamChannels", "channels");
}

const struct rpc_row rpc_call_join_rows[] = {
    {"phone.getGroupCallJoinAs", get_join_as, 0},
    {"phone.saveDefaultGroupCallJoinAs", save_join_as, 0},
    {"phone.joinGroupCall", join, 0},
    {"phone.leaveGroupCall", leave_call, 0},
    {"phone.checkGroupCall", check, 0},
    {"phone.getGroupCallStreamChannels", stream_channels, 0},
    {NULL, NULL, 0},
};
