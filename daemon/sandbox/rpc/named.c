#include "daemon/sandbox/rpc/named.h"

#include <string.h>

#include "daemon/sandbox/rpc/view.h"

static bool has_id(const json_t *list, int64_t id, bool is_channel)
{
    const json_t *item;
    size_t i;

    json_array_foreach (list, i, item)
        if (json_get_long(item, "id") == id && (strcmp(json_tag(item), "channel") == 0) == is_channel)
            return true;
    return false;
}

void named_user(const struct rpc *r, json_t *users, const struct world_user *user)
{
    if (user && !has_id(users, user->id, false))
        json_array_append_new(users, view_user(r->w, r->user, user));
}

void named_chat(const struct rpc *r, json_t *chats, const struct world_chat *chat)
{
    if (chat && !has_id(chats, chat->id, chat->kind != WORLD_BASIC))
        json_array_append_new(chats, view_chat(r->w, r->user, chat));
}

static void named_peer(const struct rpc *r, json_t *users, json_t *chats, const json_t *peer)
{
    const char *tag = json_tag(peer);

    if (strcmp(tag, "peerUser") == 0)
        named_user(r, users, world_user_by_id(r->w, json_get_long(peer, "user_id")));
    else if (strcmp(tag, "peerChat") == 0)
        named_chat(r, chats, world_chat_by_id(r->w, json_get_long(peer, "chat_id"), true));
    else if (strcmp(tag, "peerChannel") == 0)
        named_chat(r, chats, world_chat_by_id(r->w, json_get_long(peer, "channel_id"), false));
}

void named_message(const struct rpc *r, json_t *users, json_t *chats, const json_t *message)
{
    const json_t *item;
    size_t i;

    named_peer(r, users, chats, json_object_get(message, "peer_id"));
    named_peer(r, users, chats, json_object_get(message, "from_id"));
    json_array_foreach (json_object_get(json_object_get(message, "action"), "users"), i, item)
        named_user(r, users, world_user_by_id(r->w, json_as_long(item)));
}
