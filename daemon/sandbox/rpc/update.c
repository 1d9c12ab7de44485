#include "daemon/sandbox/rpc/update.h"

#include <string.h>

#include "daemon/sandbox/world/json.h"
#include "daemon/sandbox/rpc/view.h"

void update_begin(struct update_batch *b, struct world *w, struct world_chat *chat, struct world_user *actor)
{
    memset(b, 0, sizeof(*b));
    b->w = w;
    b->chat = chat;
    b->actor = actor;
    for (unsigned i = 0; i < chat->members_n; i++)
        b->lists[i] = json_array();
}

void update_call(struct update_batch *b, const struct world_call *call)
{
    for (unsigned i = 0; i < b->chat->members_n; i++)
        json_array_append_new(b->lists[i], view_update_call(b->w, b->chat->members[i].user, call));
}

void update_participant(struct update_batch *b, const struct world_call *call, const struct world_participant *p,
                        bool versioned, bool just_joined)
{
    /* Who speaks as a channel is not told of as a user. */
    if (p->as.channel)
        b->speaks_as = p->as.channel;
    else
        b->other = p->as.user;
    for (unsigned i = 0; i < b->chat->members_n; i++) {
        const struct world_user *viewer = b->chat->members[i].user;
        /* Who has just come is new to everybody: TDLib counts no min object of theirs. */
        bool min = !just_joined && viewer != b->actor && viewer != p->as.user;
        json_t *j = view_participant(viewer, call, p, min);
        json_put_flag(j, "versioned", versioned);
        json_put_flag(j, "just_joined", just_joined);
        json_array_append_new(b->lists[i],
                              json_pack("{s:s, s:o, s:[o], s:i}", "_", "updateGroupCallParticipants", "call",
                                        view_input_call(call), "participants", j, "version", call->version));
    }
}

static json_t *message_for(const struct update_batch *b, const struct world_user *viewer, int id, json_t *action)
{
    json_t *m = json_pack("{s:s, s:i, s:o, s:i, s:O}", "_", "messageService", "id", id, "peer_id", view_peer(b->chat),
                          "date", world_now(b->w), "action", action);

    /* A broadcast channel speaks for itself, elsewhere the author is named. */
    if (b->chat->kind == WORLD_CHANNEL)
        json_put_flag(m, "post", true);
    else
        json_put(m, "from_id", view_peer_user(b->actor));
    json_put_flag(m, "out", viewer == b->actor);
    return m;
}

static void put_message(struct update_batch *b, unsigned i, const char *name, json_t *message, int pts)
{
    struct world_member *m = &b->chat->members[i];

    json_array_append_new(b->lists[i],
                          json_pack("{s:s, s:O, s:i, s:i}", "_", name, "message", message, "pts", pts, "pts_count", 1));
    json_decref(m->top);
    m->top = message;
    m->top_id = (int)json_get_long(message, "id");
}

void update_service_message(struct update_batch *b, json_t *action)
{
    if (b->chat->kind == WORLD_BASIC) {
        for (unsigned i = 0; i < b->chat->members_n; i++) {
            struct world_user *u = b->chat->members[i].user;
            json_t *message = message_for(b, u, ++u->last_message_id, action);
            put_message(b, i, "updateNewMessage", message, world_box_add(&u->box, json_incref(message), NULL));
        }
    } else {
        int id = ++b->chat->last_message_id;
        int pts = world_box_add(&b->chat->box, message_for(b, NULL, id, action), NULL);
        for (unsigned i = 0; i < b->chat->members_n; i++)
            put_message(b, i, "updateNewChannelMessage", message_for(b, b->chat->members[i].user, id, action), pts);
    }
    json_decref(action);
}

json_t *update_finish(struct update_batch *b)
{
    json_t *answer = NULL;

    for (unsigned i = 0; i < b->chat->members_n; i++) {
        struct world_user *viewer = b->chat->members[i].user;
        bool hides = b->speaks_as && !b->other && viewer != b->actor;
        json_t *users = hides ? json_array() : json_pack("[o]", view_user(b->w, viewer, b->actor));
        json_t *chats = json_pack("[o]", view_chat(b->w, viewer, b->chat));
        if (b->other && b->other != b->actor)
            json_array_append_new(users, view_user(b->w, viewer, b->other));
        if (b->speaks_as && b->speaks_as != b->chat)
            json_array_append_new(chats, view_chat(b->w, viewer, b->speaks_as));
        json_t *updates = view_updates(b->w, b->lists[i], users, chats);
        b->lists[i] = NULL;
        if (viewer == b->actor || !b->actor_only)
            world_push(b->w, viewer, updates);
        if (viewer == b->actor)
            answer = json_incref(updates);
        json_decref(updates);
    }
    return answer;
}
