/* Ways into a call: links, invitations, the address of a stream. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/crypto/hash.h"
#include "daemon/sandbox/rpc/call.h"
#include "daemon/tl/base64.h"

enum { INVITE_MAX = 100 };

/* A link that lets speak has a hash; who may not manage the call gets the other kind. */
static json_t *export_invite(struct rpc *r, const json_t *params)
{
    const struct world_call *call = rpc_call_named(r, params);
    char link[160];

    if (!call)
        return NULL;
    if (!*call->chat->username)
        return rpc_fail(r, 403, "PUBLIC_CHANNEL_MISSING");
    int n = snprintf(link, sizeof(link), "https://t.me/%s?%s", call->chat->username,
                     call->chat->kind == WORLD_CHANNEL ? "livestream" : "videochat");
    if (json_get_true(params, "can_self_unmute") && world_may_manage(call->chat, r->user))
        snprintf(link + n, sizeof(link) - (size_t)n, "=%016" PRIx64, call->invite_key);
    return json_pack("{s:s, s:s}", "_", "phone.exportedGroupCallInvite", "link", link);
}

/* Everybody is judged before anybody is invited; false with the error set. */
static bool may_invite(struct rpc *r, const struct world_call *call, const json_t *list, uint64_t *ret_bits)
{
    const json_t *item;
    size_t i;

    *ret_bits = 0;
    json_array_foreach (list, i, item) {
        const struct world_user *u = rpc_input_user(r, item);
        uint64_t bit = u ? world_member_bit(call->chat, u) : 0;
        if (!u)
            return false;
        if (!bit)
            return rpc_fail(r, 403, "USER_NOT_PARTICIPANT"), false;
        if ((call->invited | *ret_bits) & bit || world_participant_of(call, u))
            return rpc_fail(r, 400, "USER_ALREADY_INVITED"), false;
        *ret_bits |= bit;
    }
    if (!*ret_bits || json_array_size(list) > INVITE_MAX)
        return rpc_fail(r, 400, "USER_ID_INVALID"), false;
    return true;
}

static json_t *invite(struct rpc *r, const json_t *params)
{
    struct update_batch batch;
    struct world_call *call = rpc_call_living(r, params);
    const struct world_participant *self = call ? world_participant_of(call, r->user) : NULL;
    uint64_t bits;

    if (!call)
        return NULL;
    /* A broadcast has an audience, nobody is called into it by name. */
    if (call->chat->kind == WORLD_CHANNEL || call->chat->kind == WORLD_CONFERENCE)
        return rpc_fail(r, 403, "CHAT_TYPE_INVALID");
    if (self && self->as.channel)
        return rpc_fail(r, 400, "INVITE_FORBIDDEN_WITH_JOINAS");
    if (!may_invite(r, call, json_object_get(params, "users"), &bits))
        return NULL;
    call->invited |= bits;
    update_begin(&batch, r->w, call->chat, r->user);
    update_message(&batch, (struct world_message){.action = WORLD_ACTION_INVITE,
                                                  .call_id = call->id,
                                                  .call_hash = call->access_hash,
                                                  .invited = bits});
    return update_answer(&batch, r);
}

/* The key follows from the world's secret and how often it was revoked. */
static void stream_key(const struct world *w, const struct world_chat *chat, char key[static 64])
{
    uint8_t in[16] = {0}, digest[32];
    char text[32];

    le64_store(in, (uint64_t)chat->id);
    le32_store(in + 8, chat->rtmp_generation);
    hash_sha256(HASH_PIECES({w->secret, sizeof(w->secret)}, {"rtmp", 4}, {in, sizeof(in)}), digest);
    tl_base64_encode(digest, 15, text);
    text[tl_base64_encoded_len(15)] = '\0';
    snprintf(key, 64, "%" PRId64 ":%s", chat->id, text);
}

static json_t *rtmp_url(struct rpc *r, const json_t *params)
{
    struct world_chat *chat = rpc_input_peer_chat(r, json_object_get(params, "peer"));
    bool revoke = json_get_true(params, "revoke");
    char key[64];

    if (!chat)
        return NULL;
    if (json_get_true(params, "live_story"))
        return rpc_fail(r, 400, "PEER_ID_INVALID");
    if (!world_may_manage(chat, r->user) || (revoke && world_role(chat, r->user) != WORLD_CREATOR))
        return rpc_fail(r, 400, "CHAT_ADMIN_REQUIRED");
    chat->rtmp_generation += revoke;
    stream_key(r->w, chat, key);
    /* Nothing listens there: the sandbox has no media. */
    return json_pack("{s:s, s:s, s:s}", "_", "phone.groupCallStreamRtmpUrl", "url", "rtmps://rtmp.sandbox.invalid/s/",
                     "key", key);
}

const struct rpc_row rpc_call_invite_rows[] = {
    {"phone.exportGroupCallInvite", export_invite, 0},
    {"phone.inviteToGroupCall", invite, 0},
    {"phone.getGroupCallStreamRtmpUrl", rtmp_url, 0},
    {NULL, NULL, 0},
};
