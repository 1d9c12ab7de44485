/* The peers that a call names, judged as Telegram judges them. */
#include <string.h>

#include "daemon/sandbox/rpc/rpc.h"
#include "daemon/sandbox/rpc/view.h"

static struct world_chat *fail(struct rpc *r, const char *message)
{
    rpc_fail(r, 400, "%s", message);
    return NULL;
}

static struct world_chat *channel_by(struct rpc *r, const json_t *j, const char *wrong)
{
    int64_t id = json_get_long(j, "channel_id");
    struct world_chat *c = world_chat_by_id(r->w, id, false);

    if (!c || json_get_long(j, "access_hash") != world_access_hash(r->w, r->user->id, 'c', id))
        return fail(r, wrong);
    if (c->closed && !world_member(c, r->user))
        return fail(r, "CHANNEL_PRIVATE");
    return c;
}

struct world_chat *rpc_input_peer_chat(struct rpc *r, const json_t *peer)
{
    const char *tag = json_tag(peer);

    if (strcmp(tag, "inputPeerChannel") == 0)
        return channel_by(r, peer, "PEER_ID_INVALID");
    if (strcmp(tag, "inputPeerChat") == 0) {
        struct world_chat *c = world_chat_by_id(r->w, json_get_long(peer, "chat_id"), true);
        if (c && world_member(c, r->user))
            return c;
    }
    /* Users, inputPeerSelf, inputPeerEmpty, …FromMessage forms (there are no messages to come from). */
    return fail(r, "PEER_ID_INVALID");
}

struct world_chat *rpc_input_channel(struct rpc *r, const json_t *channel)
{
    if (strcmp(json_tag(channel), "inputChannel") != 0)
        return fail(r, "CHANNEL_INVALID");
    return channel_by(r, channel, "CHANNEL_INVALID");
}

struct world_user *rpc_input_user(struct rpc *r, const json_t *user)
{
    const char *tag = json_tag(user);

    if (strcmp(tag, "inputUserSelf") == 0 || strcmp(tag, "inputPeerSelf") == 0)
        return r->user;
    if (strcmp(tag, "inputUser") == 0 || strcmp(tag, "inputPeerUser") == 0) {
        int64_t id = json_get_long(user, "user_id");
        struct world_user *u = world_user_by_id(r->w, id);
        if (u && json_get_long(user, "access_hash") == world_access_hash(r->w, r->user->id, 'u', id))
            return u;
    }
    rpc_fail(r, 400, "USER_ID_INVALID");
    return NULL;
}

json_t *rpc_users(struct rpc *r, struct world_user *const *users, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, view_user(r->w, r->user, users[i]));
    return list;
}

json_t *rpc_chat_list(struct rpc *r, struct world_chat *const *chats, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, view_chat(r->w, r->user, chats[i]));
    return list;
}
