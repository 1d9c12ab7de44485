/* Differences out of the kept events: truthful as long as they reach back, too long behind that. */
#include "daemon/sandbox/rpc/rpc.h"
#include "daemon/sandbox/rpc/view.h"

/* An action that the asker's layer lacks is none there. */
static json_t *message_in_layer(const struct rpc *r, const struct world_message *message)
{
    json_t *j = view_message(r->w, r->user, message);
    const char *action = json_tag(json_object_get(j, "action"));

    if (r->schema && !tl_find_constructor_name(r->schema, action))
        json_put(j, "action", json_pack("{s:s}", "_", "messageActionEmpty"));
    return j;
}

/* Events of (FROM, TO] into two lists; false where they are no longer kept. */
static bool collect(const struct rpc *r, const struct world_box *box, int from, int to, json_t *messages, json_t *edits)
{
    if (from < 0 || from > box->pts || box->pts - from > WORLD_EVENTS)
        return false;
    for (int pts = from + 1; pts <= to; pts++) {
        const struct world_message *message = world_box_message(box, pts);
        if (!message)
            return false;
        json_t *j = message_in_layer(r, message);
        if (message->is_edit)
            json_array_append_new(edits, json_pack("{s:s, s:o, s:i, s:i}", "_", "updateEditMessage", "message", j,
                                                   "pts", pts, "pts_count", 1));
        else
            json_array_append_new(messages, j);
    }
    return true;
}

/* Where an answer of LIMIT events from FROM on ends; 0: all of them. */
static int slice_end(const struct world_box *box, int from, int64_t limit)
{
    return limit > 0 && limit < box->pts - from ? from + (int)limit : box->pts;
}

static json_t *get_state(struct rpc *r, const json_t *params)
{
    return view_state(r->w, r->user);
}

static json_t *member_chats(struct rpc *r, bool basic)
{
    json_t *list = json_array();

    for (size_t i = 0; i < r->w->chats_n; i++)
        if ((r->w->chats[i]->kind == WORLD_BASIC) == basic && world_member(r->w->chats[i], r->user))
            json_array_append_new(list, view_chat(r->w, r->user, r->w->chats[i]));
    return list;
}

static json_t *get_difference(struct rpc *r, const json_t *params)
{
    int pts = (int)json_get_long(params, "pts");
    struct world_box *box = &r->user->box;

    if (pts <= 0)
        return rpc_fail(r, 400, "PERSISTENT_TIMESTAMP_EMPTY");
    if (pts > box->pts)
        return rpc_fail(r, 400, "PERSISTENT_TIMESTAMP_INVALID");
    if (pts == box->pts)
        return json_pack("{s:s, s:i, s:i}", "_", "updates.differenceEmpty", "date", world_now(r->w), "seq", 1);
    json_t *messages = json_array(), *edits = json_array();
    int64_t most = json_get_long(params, "pts_total_limit");
    int to = slice_end(box, pts, json_get_long(params, "pts_limit"));
    if ((most > 0 && box->pts - pts > most) || !collect(r, box, pts, to, messages, edits)) {
        json_decref(messages);
        json_decref(edits);
        return json_pack("{s:s, s:i}", "_", "updates.differenceTooLong", "pts", box->pts);
    }
    bool is_slice = to < box->pts;
    json_t *state = view_state(r->w, r->user);
    json_put(state, "pts", json_integer(to));
    return json_pack("{s:s, s:o, s:[], s:o, s:o, s:o, s:o}", "_",
                     is_slice ? "updates.differenceSlice" : "updates.difference", "new_messages", messages,
                     "new_encrypted_messages", "other_updates", edits, "chats", member_chats(r, true), "users",
                     rpc_users(r, r->w->users, r->w->users_n < 3 ? r->w->users_n : 3),
                     is_slice ? "intermediate_state" : "state", state);
}

static json_t *get_channel_difference(struct rpc *r, const json_t *params)
{
    struct world_chat *c = rpc_input_channel(r, json_object_get(params, "channel"));
    int pts = (int)json_get_long(params, "pts");

    if (!c)
        return NULL;
    if (pts <= 0)
        return rpc_fail(r, 400, "PERSISTENT_TIMESTAMP_EMPTY");
    if (pts > c->box.pts)
        return rpc_fail(r, 400, "PERSISTENT_TIMESTAMP_INVALID");
    if (pts == c->box.pts)
        return json_pack("{s:s, s:b, s:i, s:i}", "_", "updates.channelDifferenceEmpty", "final", 1, "pts", pts,
                         "timeout", 30);
    json_t *messages = json_array();
    struct world_user *creator = c->members_n ? c->members[0].user : r->user;
    int to = slice_end(&c->box, pts, json_get_long(params, "limit"));
    if (!collect(r, &c->box, pts, to, messages, NULL)) {
        json_decref(messages);
        const struct world_message *last = world_box_message(&c->box, c->box.pts);
        json_t *dialog =
            json_pack("{s:s, s:o, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:o, s:i}", "_", "dialog", "peer", view_peer(c),
                      "top_message", c->last_message_id, "read_inbox_max_id", c->last_message_id, "read_outbox_max_id",
                      c->last_message_id, "unread_count", 0, "unread_mentions_count", 0, "unread_reactions_count", 0,
                      "unread_poll_votes_count", 0, "notify_settings", view_notify_settings(), "pts", c->box.pts);
        json_t *top = last ? json_pack("[o]", view_message(r->w, r->user, last)) : json_array();
        return json_pack("{s:s, s:b, s:o, s:o, s:o, s:o}", "_", "updates.channelDifferenceTooLong", "final", 1,
                         "dialog", dialog, "messages", top, "chats", rpc_chat_list(r, &c, 1), "users",
                         rpc_users(r, &creator, 1));
    }
    return json_pack("{s:s, s:b, s:i, s:i, s:o, s:[], s:o, s:o}", "_", "updates.channelDifference", "final",
                     to == c->box.pts, "pts", to, "timeout", 30, "new_messages", messages, "other_updates", "chats",
                     rpc_chat_list(r, &c, 1), "users", rpc_users(r, &creator, 1));
}

const struct rpc_row rpc_updates_rows[] = {
    {"updates.getState", get_state, 0},
    {"updates.getDifference", get_difference, 0},
    {"updates.getChannelDifference", get_channel_difference, 0},
    {NULL, NULL, 0},
};
