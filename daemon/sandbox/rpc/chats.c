#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/sandbox/rpc/named.h"
#include "daemon/sandbox/rpc/rpc.h"
#include "daemon/sandbox/rpc/view.h"

enum { DIALOGS_PAGE = 100 };

static json_t *photo_empty(void)
{
    return json_pack("{s:s, s:i}", "_", "photoEmpty", "id", 0);
}

/* "call" of the full forms: there while one is running or scheduled; and who the asker last chose to speak as. */
static void put_call(json_t *full, const struct world_chat *c, struct world_user *asker)
{
    const struct world_member *m = world_member(c, asker);

    if (c->call)
        json_put(full, "call", view_input_call(c->call));
    if (m && m->has_join_as) {
        struct world_identity as = {.user = asker, .channel = m->join_as};
        json_put(full, "groupcall_default_join_as", view_identity(&as));
    }
}

static json_t *chat_full(struct rpc *r, struct world_chat *c, json_t *full)
{
    struct world_user *users[WORLD_MEMBERS_MAX];
    size_t n = 0;

    for (unsigned i = 0; i < c->members_n; i++)
        if (c->kind == WORLD_BASIC || c->members[i].user == r->user)
            users[n++] = c->members[i].user;
    put_call(full, c, r->user);
    return json_pack("{s:s, s:o, s:o, s:o}", "_", "messages.chatFull", "full_chat", full, "chats",
                     rpc_chat_list(r, &c, 1), "users", rpc_users(r, users, n));
}

static json_t *participants(const struct world_chat *c)
{
    json_t *list = json_array();
    int64_t creator = c->members_n ? c->members[0].user->id : 0;

    for (unsigned i = 0; i < c->members_n; i++) {
        const struct world_member *m = &c->members[i];
        const char *tag = m->role == WORLD_CREATOR ? "chatParticipantCreator"
                          : m->role == WORLD_ADMIN ? "chatParticipantAdmin"
                                                   : "chatParticipant";
        json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:i}", "_", tag, "user_id", (json_int_t)m->user->id,
                                              "inviter_id", (json_int_t)creator, "date", c->date));
    }
    return json_pack("{s:s, s:I, s:o, s:i}", "_", "chatParticipants", "chat_id", (json_int_t)c->id, "participants",
                     list, "version", c->version);
}

static json_t *get_full_chat(struct rpc *r, const json_t *params)
{
    struct world_chat *c = world_chat_by_id(r->w, json_get_long(params, "chat_id"), true);

    if (!c || !world_member(c, r->user))
        return rpc_fail(r, 400, "CHAT_ID_INVALID");
    return chat_full(r, c,
                     json_pack("{s:s, s:I, s:s, s:o, s:o}", "_", "chatFull", "id", (json_int_t)c->id, "about", "",
                               "participants", participants(c), "notify_settings", view_notify_settings()));
}

static json_t *get_full_channel(struct rpc *r, const json_t *params)
{
    struct world_chat *c = rpc_input_channel(r, json_object_get(params, "channel"));

    if (!c)
        return NULL;
    json_t *full =
        json_pack("{s:s, s:I, s:s, s:i, s:i, s:i, s:i, s:o, s:o, s:[], s:i}", "_", "channelFull", "id",
                  (json_int_t)c->id, "about", "", "participants_count", (int)c->members_n, "read_inbox_max_id",
                  c->last_message_id, "read_outbox_max_id", c->last_message_id, "unread_count", 0, "chat_photo",
                  photo_empty(), "notify_settings", view_notify_settings(), "bot_info", "pts", c->box.pts);
    json_put_flag(full, "can_view_participants", c->kind == WORLD_SUPERGROUP);
    return chat_full(r, c, full);
}

static json_t *chats_answer(json_t *list)
{
    return json_pack("{s:s, s:o}", "_", "messages.chats", "chats", list);
}

static json_t *get_chats(struct rpc *r, const json_t *params)
{
    json_t *list = json_array(), *item;
    size_t i;

    json_array_foreach (json_object_get(params, "id"), i, item) {
        struct world_chat *c = world_chat_by_id(r->w, json_as_long(item), true);
        if (c && world_member(c, r->user))
            json_array_append_new(list, view_chat(r->w, r->user, c));
    }
    return chats_answer(list);
}

static json_t *get_channels(struct rpc *r, const json_t *params)
{
    json_t *list = json_array(), *item;
    size_t i;

    json_array_foreach (json_object_get(params, "id"), i, item) {
        struct world_chat *c = rpc_input_channel(r, item);
        if (!c) {
            json_decref(list);
            return NULL;
        }
        json_array_append_new(list, view_chat(r->w, r->user, c));
    }
    return chats_answer(list);
}

static json_t *check_invite(struct rpc *r, const json_t *params)
{
    struct world_chat *c = world_chat_by_invite(r->w, json_get_text(params, "hash"));

    if (!c)
        return rpc_fail(r, 400, "INVITE_HASH_EXPIRED");
    if (world_member(c, r->user))
        return json_pack("{s:s, s:o}", "_", "chatInviteAlready", "chat", view_chat(r->w, r->user, c));
    return json_pack("{s:s, s:s, s:o, s:i, s:i}", "_", "chatInvite", "title", c->title, "photo", photo_empty(),
                     "participants_count", (int)c->members_n, "color", 0);
}

/* As a stranger sees it, where M is NULL. A chat where nothing was said yet still has a top message: its creation. */
static json_t *top_message(const struct rpc *r, const struct world_chat *c, const struct world_member *m)
{
    const struct world_message *last = m ? &m->top : NULL;

    if (!m)
        (void)!world_box_recent(&c->box, c->id, false, 1, &last);
    if (last && last->id)
        return view_message(r->w, r->user, last);
    json_t *action = c->kind == WORLD_BASIC
                         ? json_pack("{s:s, s:s, s:[]}", "_", "messageActionChatCreate", "title", c->title, "users")
                         : json_pack("{s:s, s:s}", "_", "messageActionChannelCreate", "title", c->title);
    return json_pack("{s:s, s:i, s:o, s:i, s:o}", "_", "messageService", "id", m ? m->top_id : WORLD_CREATION_ID,
                     "peer_id", view_peer(c), "date", c->date, "action", action);
}

/* TOP is the id of the last message, 0 where nothing was said. */
static json_t *dialog(json_t *peer, int top)
{
    return json_pack("{s:s, s:o, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:o}", "_", "dialog", "peer", peer, "top_message",
                     top, "read_inbox_max_id", top, "read_outbox_max_id", top, "unread_count", 0,
                     "unread_mentions_count", 0, "unread_reactions_count", 0, "unread_poll_votes_count", 0,
                     "notify_settings", view_notify_settings());
}

struct dialog_lists {
    json_t *dialogs, *messages, *chats, *users;
};

static void put_chat_dialog(struct rpc *r, const struct dialog_lists *l, struct world_chat *c)
{
    json_t *top = top_message(r, c, world_member(c, r->user));
    json_t *j = dialog(view_peer(c), (int)json_get_long(top, "id"));

    if (c->kind != WORLD_BASIC)
        json_put(j, "pts", json_integer(c->box.pts));
    json_array_append_new(l->dialogs, j);
    named_chat(r, l->chats, c);
    named_message(r, l->users, l->chats, top);
    json_array_append_new(l->messages, top);
}

/* Where a chat of world.chats stands in a list of dialogs. */
struct dialog_place {
    int64_t date, top;
    size_t chat;
};

/* The newest message first; then as TDLib has them. */
static int compare_places(const void *a, const void *b)
{
    const struct dialog_place *p = a, *q = b;

    if (p->date != q->date)
        return p->date > q->date ? -1 : 1;
    if (p->top != q->top)
        return p->top > q->top ? -1 : 1;
    return (p->chat > q->chat) - (p->chat < q->chat);
}

static struct dialog_place place_of(const struct rpc *r, size_t i, const struct world_member *m)
{
    return (struct dialog_place){
        .date = m && m->top.id ? m->top.date : r->w->chats[i]->date,
        .top = m ? m->top_id : 0,
        .chat = i,
    };
}

/* Pages go on behind the date, message and chat that the last one ended with; the first one begins before all. */
static struct dialog_place dialogs_offset(const struct rpc *r, const json_t *params)
{
    const json_t *peer = json_object_get(params, "offset_peer");
    int64_t date = json_get_long(params, "offset_date"), top = json_get_long(params, "offset_id");
    bool basic = strcmp(json_tag(peer), "inputPeerChat") == 0;
    int64_t id = json_get_long(peer, basic ? "chat_id" : "channel_id");
    struct dialog_place offset = {.date = date ? date : INT64_MAX, .top = top, .chat = SIZE_MAX};

    for (size_t i = 0; id && i < r->w->chats_n; i++) {
        const struct world_chat *c = r->w->chats[i];
        if (c->id == id && (c->kind == WORLD_BASIC) == basic) {
            offset = place_of(r, i, world_member(c, r->user));
            offset.date = date ? date : offset.date;
            offset.top = top ? top : offset.top;
        }
    }
    return offset;
}

static json_t *get_dialogs(struct rpc *r, const json_t *params)
{
    struct dialog_place *places = calloc(r->w->chats_n + 1, sizeof(*places));
    struct dialog_place offset = dialogs_offset(r, params);
    int64_t limit = json_get_long(params, "limit");
    size_t n = 0;
    int total = 0;

    if (!places)
        return rpc_fail(r, 500, "RPC_CALL_FAIL");
    for (size_t i = 0; i < r->w->chats_n; i++) {
        const struct world_member *m = world_member(r->w->chats[i], r->user);
        total += m ? 1 : 0;
        places[n] = place_of(r, i, m);
        n += m && !json_get_long(params, "folder_id") && compare_places(&places[n], &offset) > 0;
    }
    qsort(places, n, sizeof(*places), compare_places);
    struct dialog_lists l = {json_array(), json_array(), json_array(), rpc_users(r, &r->user, 1)};
    for (size_t i = 0; i < n && i < (size_t)(limit <= 0 || limit > DIALOGS_PAGE ? DIALOGS_PAGE : limit); i++)
        put_chat_dialog(r, &l, r->w->chats[places[i].chat]);
    free(places);
    bool slice = json_array_size(l.dialogs) < (size_t)total;
    json_t *j = json_pack("{s:s, s:o, s:o, s:o, s:o}", "_", slice ? "messages.dialogsSlice" : "messages.dialogs",
                          "dialogs", l.dialogs, "messages", l.messages, "chats", l.chats, "users", l.users);
    json_put(j, "count", json_integer(total));
    return j;
}

static json_t *peer_dialogs(struct rpc *r, const struct dialog_lists *l)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "_", "messages.peerDialogs", "dialogs", l->dialogs, "messages",
                     l->messages, "chats", l->chats, "users", l->users, "state", view_state(r->w, r->user));
}

static json_t *get_pinned_dialogs(struct rpc *r, const json_t *params)
{
    struct dialog_lists none = {json_array(), json_array(), json_array(), json_array()};

    return peer_dialogs(r, &none);
}

/* False with the error set. Nothing is ever said to users. */
static bool put_peer_dialog(struct rpc *r, const struct dialog_lists *l, const json_t *peer)
{
    const char *tag = json_tag(peer);

    if (strcmp(tag, "inputPeerUser") == 0 || strcmp(tag, "inputPeerSelf") == 0) {
        struct world_user *u = rpc_input_user(r, peer);
        if (!u) {
            rpc_fail(r, 400, "PEER_ID_INVALID");
            return false;
        }
        json_array_append_new(l->dialogs, dialog(view_peer_user(u), 0));
        named_user(r, l->users, u);
        return true;
    }
    struct world_chat *c = rpc_input_peer_chat(r, peer);
    if (c)
        put_chat_dialog(r, l, c);
    return c != NULL;
}

static json_t *get_peer_dialogs(struct rpc *r, const json_t *params)
{
    struct dialog_lists l = {json_array(), json_array(), json_array(), json_array()};
    const json_t *peers = json_object_get(params, "peers");
    json_t *item;
    bool done = true;
    size_t i;

    if (json_array_size(peers) == 0) {
        rpc_fail(r, 400, "INPUT_PEERS_EMPTY");
        done = false;
    }
    json_array_foreach (peers, i, item)
        done = done && put_peer_dialog(r, &l, json_object_get(item, "peer"));
    json_t *j = peer_dialogs(r, &l);
    if (done)
        return j;
    json_decref(j);
    return NULL;
}

const struct rpc_row rpc_chats_rows[] = {
    {"messages.getDialogs", get_dialogs, 0},
    {"messages.getPinnedDialogs", get_pinned_dialogs, 0},
    {"messages.getPeerDialogs", get_peer_dialogs, 0},
    {"messages.getFullChat", get_full_chat, 0},
    {"messages.getChats", get_chats, 0},
    {"messages.checkChatInvite", check_invite, 0},
    {"channels.getFullChannel", get_full_channel, 0},
    {"channels.getChannels", get_channels, 0},
    {NULL, NULL, 0},
};
