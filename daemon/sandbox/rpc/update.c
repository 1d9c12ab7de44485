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

void update_rights(struct update_batch *b)
{
    for (unsigned i = 0; i < b->chat->members_n; i++) {
        if (b->chat->members[i].user != b->actor)
            continue;
        struct telling *u = say_object(&b->w->say, "updateChannel", 1);
        said_number(u, "channel_id", b->chat->id);
        said_append(b->lists[i], u);
    }
}

void update_call_min(struct update_batch *b, const struct world_call *call)
{
    for (unsigned i = 0; i < b->chat->members_n; i++)
        said_append(b->lists[i], say_update_call_min(&b->w->say, b->chat->members[i].user, call));
}

static void put_participants(struct update_batch *b, const struct world_call *call,
                             const struct world_participant *people, unsigned n, bool versioned, bool just_joined)
{
    for (unsigned i = 0; i < b->chat->members_n; i++) {
        const struct world_user *viewer = b->chat->members[i].user;
        json_t *list = json_array();
        for (unsigned k = 0; k < n; k++) {
            /* Who has just come is new to everybody: TDLib counts no min object of theirs. */
            bool min = !just_joined && viewer != b->actor && viewer != people[k].as.user;
            json_t *j = view_participant(viewer, call, &people[k], min);
            json_put_flag(j, "versioned", versioned);
            json_put_flag(j, "just_joined", just_joined);
            json_array_append_new(list, j);
        }
        said_append(
            b->lists[i],
            say_json(&b->w->say, json_pack("{s:s, s:o, s:o, s:i}", "_", "updateGroupCallParticipants", "call",
                                           view_input_call(call), "participants", list, "version", call->version)));
    }
}

void update_participant(struct update_batch *b, const struct world_call *call, const struct world_participant *p,
                        bool versioned, bool just_joined)
{
    /* Who speaks as a channel is not told of as a user. */
    if (p->as.channel)
        b->speaks_as = p->as.channel;
    else
        b->other = p->as.user;
    put_participants(b, call, p, 1, versioned, just_joined);
}

void update_crowd(struct update_batch *b, const struct world_call *call, const struct world_participant *people,
                  unsigned n, bool versioned, bool just_joined)
{
    b->crowd = people;
    b->crowd_n = n;
    for (unsigned i = 0; i < n; i++)
        if (people[i].as.channel)
            b->speaks_as = people[i].as.channel;
    put_participants(b, call, people, n, versioned, just_joined);
}

void update_joined(struct update_batch *b, const struct world_call *call, json_t *update)
{
    for (unsigned i = 0; i < b->chat->members_n; i++) {
        const struct world_user *viewer = b->chat->members[i].user;
        if (viewer == b->actor || world_participant_of(call, viewer))
            said_append(b->lists[i], say_json(&b->w->say, json_incref(update)));
    }
    json_decref(update);
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
    b->has_pts = true;
    m->top = *message;
    m->top_id = message->id;
}

void update_message(struct update_batch *b, struct world_message message)
{
    bool is_basic = b->chat->kind == WORLD_BASIC;
    int pts = 0;

    message.date = world_now(b->w);
    message.chat_id = b->chat->id;
    message.is_basic = is_basic;
    message.is_post = b->chat->kind == WORLD_CHANNEL;
    message.actor_id = b->actor->id;
    b->invited |= message.invited;
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

/* What is deleted of BOX: the ids in RET_IDS, the oldest first; how many. Each counts in pts. */
static unsigned delete_in(struct update_batch *b, struct world_box *box, unsigned n, int ret_ids[static WORLD_EVENTS])
{
    const struct world_message *recent[WORLD_EVENTS];
    struct world_message gone = {.date = world_now(b->w),
                                 .chat_id = b->chat->id,
                                 .is_basic = b->chat->kind == WORLD_BASIC,
                                 .action = WORLD_ACTION_DELETED};
    unsigned found = world_box_recent(box, b->chat->id, gone.is_basic, n < WORLD_EVENTS ? n + 1 : WORLD_EVENTS, recent);

    for (unsigned i = 1; i < found; i++)
        ret_ids[found - 1 - i] = recent[i]->id;
    for (unsigned i = 0; i + 1 < found; i++) {
        gone.id = ret_ids[i];
        world_box_add(box, &gone);
    }
    return found ? found - 1 : 0;
}

static void put_deletion(struct update_batch *b, unsigned i, const int *ids, unsigned n, int pts)
{
    bool is_basic = b->chat->kind == WORLD_BASIC;
    struct telling *u = say_object(&b->w->say, is_basic ? "updateDeleteMessages" : "updateDeleteChannelMessages", 4);
    struct said_list *list = say_list(&b->w->say, n);

    for (unsigned k = 0; k < n; k++)
        said_append(list, say_number(&b->w->say, ids[k]));
    if (!is_basic)
        said_number(u, "channel_id", b->chat->id);
    b->has_pts = true;
    said_items(u, "messages", list);
    said_number(u, "pts", pts);
    said_number(u, "pts_count", n);
    said_append(b->lists[i], u);
}

void update_deletion(struct update_batch *b, unsigned n)
{
    bool is_basic = b->chat->kind == WORLD_BASIC;
    int ids[WORLD_EVENTS];
    unsigned deleted = is_basic ? 0 : delete_in(b, &b->chat->box, n, ids);

    for (unsigned i = 0; i < b->chat->members_n; i++) {
        struct world_box *box = is_basic ? &b->chat->members[i].user->box : &b->chat->box;
        if (is_basic)
            deleted = delete_in(b, box, n, ids);
        if (deleted)
            put_deletion(b, i, ids, deleted, box->pts);
    }
}

/* The last message of a member's list is one that still is. */
static void renew_top(const struct world_box *box, struct world_member *m, int64_t chat_id)
{
    const struct world_message *last;

    if (!world_box_is_deleted(box, m->top.id))
        return;
    m->top = world_box_recent(box, chat_id, false, 1, &last) ? *last : (struct world_message){0};
    m->top_id = m->top.id ? m->top.id : WORLD_CREATION_ID;
}

void update_delete(struct update_batch *b, const int *ids, unsigned n)
{
    struct world_box *box = &b->chat->box;
    struct world_message gone = {.date = world_now(b->w), .chat_id = b->chat->id, .action = WORLD_ACTION_DELETED};

    for (unsigned i = 0; i < n; i++) {
        gone.id = ids[i];
        world_box_add(box, &gone);
    }
    for (unsigned i = 0; n && i < b->chat->members_n; i++) {
        put_deletion(b, i, ids, n, box->pts);
        renew_top(box, &b->chat->members[i], b->chat->id);
    }
}

static struct said_list *users_for(struct update_batch *b, const struct world_user *viewer)
{
    struct said_list *users = say_list(&b->w->say, 2 + b->crowd_n + (b->invited ? b->chat->members_n : 0));
    bool hides = b->speaks_as && !b->other && viewer != b->actor;

    if (!hides)
        said_append(users, say_user(&b->w->say, b->w, viewer, b->actor));
    if (b->other && b->other != b->actor)
        said_append(users, say_user(&b->w->say, b->w, viewer, b->other));
    for (unsigned i = 0; i < b->crowd_n; i++)
        if (!b->crowd[i].as.channel && (b->crowd[i].as.user != b->actor || hides))
            said_append(users, say_user(&b->w->say, b->w, viewer, b->crowd[i].as.user));
    for (unsigned i = 0; i < b->chat->members_n; i++)
        if (b->invited >> i & 1 && b->chat->members[i].user != b->actor)
            said_append(users, say_user(&b->w->say, b->w, viewer, b->chat->members[i].user));
    return users;
}

static struct said_list *chats_for(struct update_batch *b, const struct world_user *viewer)
{
    struct said_list *chats = say_list(&b->w->say, 2);

    if (b->chat->kind != WORLD_CONFERENCE)
        said_append(chats, say_chat(&b->w->say, b->w, viewer, b->chat));
    if (b->speaks_as && b->speaks_as != b->chat)
        said_append(chats, say_chat(&b->w->say, b->w, viewer, b->speaks_as));
    return chats;
}

/* A container's place among those of VIEWER, whichever session hears of it; 0: it needs none. */
static int seq_for(const struct update_batch *b, struct world_user *viewer, const struct said_list *list)
{
    if (!b->w->counts_seq || b->has_pts || !list || !list->n)
        return 0;
    viewer->containers++;
    return view_seq(viewer);
}

static const struct telling *updates_for(struct update_batch *b, struct world_user *viewer,
                                         const struct said_list *list)
{
    struct telling *updates = say_object(&b->w->say, "updates", 5);

    said_items(updates, "updates", list);
    said_items(updates, "users", users_for(b, viewer));
    said_items(updates, "chats", chats_for(b, viewer));
    said_number(updates, "date", world_now(b->w));
    said_number(updates, "seq", seq_for(b, viewer, list));
    return updates;
}

/* Tells the others; what the actor is told, who may be nobody of the chat: a guest of a conference. */
static const struct telling *tell(struct update_batch *b)
{
    const struct telling *answer = NULL;

    for (unsigned i = 0; i < b->chat->members_n; i++) {
        struct world_user *viewer = b->chat->members[i].user;
        if (viewer != b->actor && (b->actor_only || !b->lists[i] || !b->lists[i]->n))
            continue;
        const struct telling *updates = updates_for(b, viewer, b->lists[i]);
        world_push(b->w, viewer, updates);
        if (viewer == b->actor)
            answer = updates;
    }
    return answer ? answer : updates_for(b, b->actor, say_list(&b->w->say, 0));
}

json_t *update_finish(struct update_batch *b)
{
    json_t *answer = said_json(tell(b));

    say_forget(&b->w->say, &b->mark);
    return answer;
}

json_t *update_said(struct rpc *r, const struct telling *updates)
{
    struct fault fault;

    if (!r->bytes)
        return said_json(updates);
    fault_clear(&fault);
    if (!said_bytes(r->schema, updates, r->bytes, &fault))
        return rpc_in_bytes();
    log_error("sandbox", "%s in layer %d: %s", r->method, r->layer, fault.text);
    return NULL;
}

json_t *update_answer(struct update_batch *b, struct rpc *r)
{
    json_t *answer = update_said(r, tell(b));

    say_forget(&b->w->say, &b->mark);
    return answer;
}
