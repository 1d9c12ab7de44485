#include "daemon/sandbox/rpc/update.h"

#include <string.h>

#include "daemon/base/log.h"
#include "daemon/sandbox/rpc/said_bytes.h"
#include "daemon/sandbox/rpc/view.h"

enum { UPDATES_MAX = 8 /* of one change, for one member */ };

void update_begin(struct update_batch *b, struct world *w, struct world_chat *chat, struct world_user *actor)
{
    *b = (struct update_batch){.w = w, .chat = chat, .actor = actor, .mark = say_mark(&w->say)};
    for (unsigned i = 0; i < chat->members_n; i++)
        b->lists[i] = say_list(&w->say, UPDATES_MAX);
}

void update_call(struct update_batch *b, const struct world_call *call)
{
    for (unsigned i = 0; i < b->chat->members_n; i++)
        said_append(b->lists[i], say_update_call(&b->w->say, b->chat->members[i].user, call));
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
        said_append(
            b->lists[i],
            say_json(&b->w->say, json_pack("{s:s, s:o, s:[o], s:i}", "_", "updateGroupCallParticipants", "call",
                                           view_input_call(call), "participants", j, "version", call->version)));
    }
}

static void put_message(struct update_batch *b, unsigned i, const struct world_message *message, int pts)
{
    struct world_member *m = &b->chat->members[i];
    struct telling *u =
        say_object(&b->w->say, b->chat->kind == WORLD_BASIC ? "updateNewMessage" : "updateNewChannelMessage", 3);

    said_object(u, "message", say_message(&b->w->say, b->w, m->user, message));
    said_number(u, "pts", pts);
    said_number(u, "pts_count", 1);
    said_append(b->lists[i], u);
    m->top = *message;
    m->top_id = message->id;
}

void update_service_message(struct update_batch *b, struct world_message message)
{
    bool is_basic = b->chat->kind == WORLD_BASIC;
    int pts = 0;

    message.date = world_now(b->w);
    message.chat_id = b->chat->id;
    message.is_basic = is_basic;
    message.is_post = b->chat->kind == WORLD_CHANNEL;
    message.actor_id = b->actor->id;
    if (!is_basic) {
        message.id = ++b->chat->last_message_id;
        pts = world_box_add(&b->chat->box, &message);
    }
    for (unsigned i = 0; i < b->chat->members_n; i++) {
        struct world_user *u = b->chat->members[i].user;
        if (is_basic) {
            message.id = ++u->last_message_id;
            pts = world_box_add(&u->box, &message);
        }
        put_message(b, i, &message, pts);
    }
}

static struct said_list *users_for(struct update_batch *b, const struct world_user *viewer)
{
    struct said_list *users = say_list(&b->w->say, 2);
    bool hides = b->speaks_as && !b->other && viewer != b->actor;

    if (!hides)
        said_append(users, say_user(&b->w->say, b->w, viewer, b->actor));
    if (b->other && b->other != b->actor)
        said_append(users, say_user(&b->w->say, b->w, viewer, b->other));
    return users;
}

static struct said_list *chats_for(struct update_batch *b, const struct world_user *viewer)
{
    struct said_list *chats = say_list(&b->w->say, 2);

    said_append(chats, say_chat(&b->w->say, b->w, viewer, b->chat));
    if (b->speaks_as && b->speaks_as != b->chat)
        said_append(chats, say_chat(&b->w->say, b->w, viewer, b->speaks_as));
    return chats;
}

static const struct telling *updates_for(struct update_batch *b, unsigned i)
{
    const struct world_user *viewer = b->chat->members[i].user;
    struct telling *updates = say_object(&b->w->say, "updates", 5);

    said_items(updates, "updates", b->lists[i]);
    said_items(updates, "users", users_for(b, viewer));
    said_items(updates, "chats", chats_for(b, viewer));
    said_number(updates, "date", world_now(b->w));
    said_number(updates, "seq", 0);
    return updates;
}

/* Tells the others; what the actor is told. */
static const struct telling *tell(struct update_batch *b)
{
    const struct telling *answer = NULL;

    for (unsigned i = 0; i < b->chat->members_n; i++) {
        const struct world_user *viewer = b->chat->members[i].user;
        if (viewer != b->actor && b->actor_only)
            continue;
        const struct telling *updates = updates_for(b, i);
        world_push(b->w, viewer, updates);
        if (viewer == b->actor)
            answer = updates;
    }
    return answer;
}

json_t *update_finish(struct update_batch *b)
{
    json_t *answer = said_json(tell(b));

    say_forget(&b->w->say, &b->mark);
    return answer;
}

json_t *update_answer(struct update_batch *b, struct rpc *r)
{
    struct fault fault;

    if (!r->bytes)
        return update_finish(b);
    fault_clear(&fault);
    int err = said_bytes(r->schema, tell(b), r->bytes, &fault);
    if (err)
        log_error("sandbox", "%s in layer %d: %s", r->method, r->layer, fault.text);
    say_forget(&b->w->say, &b->mark);
    return err ? NULL : rpc_in_bytes();
}
