/* Chats, and what is asked of them. */
#include <stdio.h>
#include <string.h>

#include "tests/support/fake_rpc.h"

static json_t *chat_full(json_t *full, const struct fake_chat *c)
{
    json_t *chats = json_pack("[o]", fake_json_chat(c));

    if (c->call)
        json_object_set_new(full, "call", fake_json_input_call(c->call));
    if (c->migrated_to)
        json_array_append_new(chats, fake_json_chat(c->migrated_to));
    return json_pack("{s:s, s:o, s:o, s:[]}", "_", "messages.chatFull", "full_chat", full, "chats", chats, "users");
}

static json_t *get_full_chat(struct fake_rpc *r, const json_t *params)
{
    struct fake_chat *c = fake_world_chat(r->w, PEER_CHAT, fake_long(params, "chat_id"));

    if (!c)
        return fake_rpc_fail(r, 400, "CHAT_ID_INVALID");
    return chat_full(json_pack("{s:s, s:I, s:s, s:{s:s, s:I}, s:{s:s}}", "_", "chatFull", "id", (json_int_t)c->id,
                               "about", "", "participants", "_", "chatParticipantsForbidden", "chat_id",
                               (json_int_t)c->id, "notify_settings", "_", "peerNotifySettings"),
                     c);
}

static json_t *get_full_channel(struct fake_rpc *r, const json_t *params)
{
    struct fake_chat *c = fake_rpc_chat(r, json_object_get(params, "channel"), "CHANNEL_INVALID");

    if (!c)
        return NULL;
    return chat_full(json_pack("{s:s, s:I, s:s, s:i, s:i, s:i, s:{s:s, s:i}, s:{s:s}, s:[], s:i}", "_", "channelFull",
                               "id", (json_int_t)c->id, "about", "", "read_inbox_max_id", 1, "read_outbox_max_id", 1,
                               "unread_count", 0, "chat_photo", "_", "photoEmpty", "id", 0, "notify_settings", "_",
                               "peerNotifySettings", "bot_info", "pts", 1),
                     c);
}

static json_t *resolve_username(struct fake_rpc *r, const json_t *params)
{
    struct fake_chat *c = fake_world_named(r->w, fake_text(params, "username"));

    if (!c)
        return fake_rpc_fail(r, 400, "USERNAME_NOT_OCCUPIED");
    return json_pack("{s:s, s:o, s:[o], s:[]}", "_", "contacts.resolvedPeer", "peer", fake_json_peer(c), "chats",
                     fake_json_chat(c), "users");
}

/* All of them at once: there are few. */
static json_t *get_dialogs(struct fake_rpc *r, const json_t *params)
{
    json_t *dialogs = json_array(), *chats = json_array();

    (void)params;
    for (size_t i = 0; i < FAKE_CHATS; i++) {
        const struct fake_chat *c = &r->w->chats[i];
        json_array_append_new(chats, fake_json_chat(c));
        json_array_append_new(
            dialogs, json_pack("{s:s, s:o, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:{s:s}}", "_", "dialog", "peer",
                               fake_json_peer(c), "top_message", 1, "read_inbox_max_id", 1, "read_outbox_max_id", 1,
                               "unread_count", 0, "unread_mentions_count", 0, "unread_reactions_count", 0,
                               "unread_poll_votes_count", 0, "notify_settings", "_", "peerNotifySettings"));
    }
    return json_pack("{s:s, s:o, s:[], s:o, s:[]}", "_", "messages.dialogs", "dialogs", dialogs, "messages", "chats",
                     chats, "users");
}

const struct fake_method fake_chat_methods[] = {
    {"channels.getFullChannel", get_full_channel, false},
    {"contacts.resolveUsername", resolve_username, false},
    {"messages.getDialogs", get_dialogs, false},
    {"messages.getFullChat", get_full_chat, false},
    {NULL, NULL, false},
};
