/* Differences out of the kept events: truthful as long as they reach back, too long behind that. */
#include <stdlib.h>
#include <string.h>

#include "daemon/sandbox/rpc/named.h"
#include "daemon/sandbox/rpc/rpc.h"
#include "daemon/sandbox/rpc/view.h"

enum {
    SLICE = 100, /* events of one answer where the asker names no number */
    CHANNEL_SLICE_MIN = 10,
    CHANNEL_SLICE_MAX = 100000,
    TIMEOUT_S = 30, /* after which who looks at a channel may ask again */
};

/* What a difference is made of, and who is named in it. */
struct difference {
    json_t *messages, *others, *users, *chats;
};

static struct difference difference_new(void)
{
    return (struct difference){json_array(), json_array(), json_array(), json_array()};
}

static void difference_free(struct difference *d)
{
    json_decref(d->messages);
    json_decref(d->others);
    json_decref(d->users);
    json_decref(d->chats);
}

/* An action that the asker's layer lacks is none there. */
static json_t *message_in_layer(const struct rpc *r, const struct world_message *message)
{
    json_t *j = view_message(r->w, r->user, message);
    const char *action = json_tag(json_object_get(j, "action"));

    if (*action && r->schema && !tl_find_constructor_name(r->schema, action))
        json_put(j, "action", json_pack("{s:s}", "_", "messageActionEmpty"));
    return j;
}

static json_t *deletion(const struct world_message *m, int pts)
{
    json_t *j =
        json_pack("{s:s, s:[i], s:i, s:i}", "_", m->is_basic ? "updateDeleteMessages" : "updateDeleteChannelMessages",
                  "messages", m->id, "pts", pts, "pts_count", 1);

    if (!m->is_basic)
        json_put(j, "channel_id", json_integer(m->chat_id));
    return j;
}

static json_t *edit(const struct world_message *m, json_t *message, int pts)
{
    bool is_channel = !m->is_basic && !m->is_private;

    return json_pack("{s:s, s:o, s:i, s:i}", "_", is_channel ? "updateEditChannelMessage" : "updateEditMessage",
                     "message", message, "pts", pts, "pts_count", 1);
}

/* The channelMessagesFilter of PARAMS: whether a message with this id is wanted. */
static bool is_wanted(const json_t *filter, int id)
{
    const json_t *range;
    size_t i;

    if (strcmp(json_tag(filter), "channelMessagesFilter") != 0)
        return true;
    if (json_get_true(filter, "exclude_new_messages"))
        return false;
    json_array_foreach (json_object_get(filter, "ranges"), i, range)
        if (id >= json_get_long(range, "min_id") && id <= json_get_long(range, "max_id"))
            return true;
    return false;
}

static bool is_filter_good(const json_t *filter)
{
    const json_t *range;
    size_t i;

    json_array_foreach (json_object_get(filter, "ranges"), i, range)
        if (json_get_long(range, "min_id") > json_get_long(range, "max_id"))
            return false;
    return true;
}

/* The events of (FROM, TO]; false where they are no longer kept. What is deleted by now is no message. */
static bool collect(const struct rpc *r, const struct world_box *box, int from, int to, const json_t *filter,
                    struct difference *d)
{
    if (from < 0 || from > box->pts || box->pts - from > WORLD_EVENTS)
        return false;
    for (int pts = from + 1; pts <= to; pts++) {
        const struct world_message *m = world_box_message(box, pts);
        if (!m)
            return false;
        if (m->action == WORLD_ACTION_DELETED) {
            json_array_append_new(d->others, deletion(m, pts));
            continue;
        }
        if (world_box_is_deleted(box, m->id) || !is_wanted(filter, m->id))
            continue;
        json_t *j = message_in_layer(r, m);
        named_message(r, d->users, d->chats, j);
        if (m->is_edit)
            json_array_append_new(d->others, edit(m, j, pts));
        else
            json_array_append_new(d->messages, j);
    }
    return true;
}

/* Where an answer of LIMIT events from FROM on ends. */
static int slice_end(const struct world_box *box, int from, int64_t limit)
{
    return limit < box->pts - from ? from + (int)limit : box->pts;
}

static json_t *get_state(struct rpc *r, const json_t *params)
{
    return view_state(r->w, r->user);
}

/* A channel keeps a pts of its own, so that something happened in it since DATE is all that is said of it here. */
static void put_channels(const struct rpc *r, int64_t date, struct difference *d)
{
    for (size_t i = 0; i < r->w->chats_n; i++) {
        const struct world_chat *c = r->w->chats[i];
        const struct world_message *last = c->kind == WORLD_BASIC ? NULL : world_box_message(&c->box, c->box.pts);
        if (!last || last->date < date || !world_member(c, r->user))
            continue;
        named_chat(r, d->chats, c);
        json_array_append_new(d->others, json_pack("{s:s, s:I, s:i}", "_", "updateChannelTooLong", "channel_id",
                                                   (json_int_t)c->id, "pts", c->box.pts));
    }
}

static json_t *common(const struct rpc *r, struct difference *d, int to)
{
    bool is_slice = to < r->user->box.pts;
    json_t *state = view_state(r->w, r->user);

    json_put(state, "pts", json_integer(to));
    return json_pack("{s:s, s:o, s:[], s:o, s:o, s:o, s:o}", "_",
                     is_slice ? "updates.differenceSlice" : "updates.difference", "new_messages", d->messages,
                     "new_encrypted_messages", "other_updates", d->others, "chats", d->chats, "users", d->users,
                     is_slice ? "intermediate_state" : "state", state);
}

static json_t *get_difference(struct rpc *r, const json_t *params)
{
    int64_t pts = json_get_long(params, "pts"), most = json_get_long(params, "pts_total_limit");
    int64_t limit = json_get_long(params, "pts_limit"), date = json_get_long(params, "date");
    struct world_box *box = &r->user->box;
    struct difference d;

    if (pts <= 0)
        return rpc_fail(r, 400, "PERSISTENT_TIMESTAMP_EMPTY");
    if (pts > box->pts)
        return rpc_fail(r, 400, "PERSISTENT_TIMESTAMP_INVALID");
    if (date <= 0)
        return rpc_fail(r, 400, "DATE_EMPTY");
    if (most > 0 && box->pts - pts > most)
        return json_pack("{s:s, s:i}", "_", "updates.differenceTooLong", "pts", box->pts);
    int to = slice_end(box, (int)pts, limit > 0 ? limit : SLICE);
    d = difference_new();
    if (!collect(r, box, (int)pts, to, NULL, &d)) {
        difference_free(&d);
        return json_pack("{s:s, s:i}", "_", "updates.differenceTooLong", "pts", box->pts);
    }
    if (to == box->pts)
        put_channels(r, date, &d);
    if (pts < box->pts || json_array_size(d.others))
        return common(r, &d, to);
    difference_free(&d);
    return json_pack("{s:s, s:i, s:i}", "_", "updates.differenceEmpty", "date", world_now(r->w), "seq",
                     view_seq(r->user));
}

/* --- channels --- */

/* Whoever is there, and anybody where the channel is public. */
static struct world_chat *channel(struct rpc *r, const json_t *params)
{
    struct world_chat *c = rpc_input_channel(r, json_object_get(params, "channel"));

    if (c && !world_member(c, r->user) && !*c->username) {
        rpc_fail(r, 406, "CHANNEL_PRIVATE");
        c = NULL;
    } else if (!c && strcmp(r->message, "CHANNEL_PRIVATE") == 0) {
        r->code = 406; /* of this method; others have 400 */
    }
    return c;
}

static json_t *channel_too_long(const struct rpc *r, const struct world_chat *c, struct difference *d)
{
    const struct world_message *last = NULL;
    bool has_last = world_box_recent(&c->box, c->id, false, 1, &last) == 1;
    json_t *dialog =
        json_pack("{s:s, s:o, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:o, s:i}", "_", "dialog", "peer", view_peer(c),
                  "top_message", c->last_message_id, "read_inbox_max_id", c->last_message_id, "read_outbox_max_id",
                  c->last_message_id, "unread_count", 0, "unread_mentions_count", 0, "unread_reactions_count", 0,
                  "unread_poll_votes_count", 0, "notify_settings", view_notify_settings(), "pts", c->box.pts);

    if (has_last) {
        json_t *j = message_in_layer(r, last);
        named_message(r, d->users, d->chats, j);
        json_array_append_new(d->messages, j);
    }
    named_chat(r, d->chats, c);
    json_decref(d->others);
    return json_pack("{s:s, s:b, s:i, s:o, s:o, s:o, s:o}", "_", "updates.channelDifferenceTooLong", "final", 1,
                     "timeout", TIMEOUT_S, "dialog", dialog, "messages", d->messages, "chats", d->chats, "users",
                     d->users);
}

static int64_t channel_limit(const json_t *params)
{
    int64_t limit = json_get_long(params, "limit");

    return limit < CHANNEL_SLICE_MIN ? CHANNEL_SLICE_MIN : limit > CHANNEL_SLICE_MAX ? CHANNEL_SLICE_MAX : limit;
}

static json_t *get_channel_difference(struct rpc *r, const json_t *params)
{
    struct world_chat *c = channel(r, params);
    const json_t *filter = json_object_get(params, "filter");
    int64_t pts = json_get_long(params, "pts");

    if (!c)
        return NULL;
    if (pts <= 0)
        return rpc_fail(r, 400, "PERSISTENT_TIMESTAMP_EMPTY");
    if (pts > c->box.pts)
        return rpc_fail(r, 400, "PERSISTENT_TIMESTAMP_INVALID");
    if (!is_filter_good(filter))
        return rpc_fail(r, 400, "RANGES_INVALID");
    if (pts == c->box.pts)
        return json_pack("{s:s, s:b, s:i, s:i}", "_", "updates.channelDifferenceEmpty", "final", 1, "pts", c->box.pts,
                         "timeout", TIMEOUT_S);
    struct difference d = difference_new();
    int to = slice_end(&c->box, (int)pts, channel_limit(params));
    if (!collect(r, &c->box, (int)pts, to, filter, &d)) {
        difference_free(&d);
        d = difference_new();
        return channel_too_long(r, c, &d);
    }
    named_chat(r, d.chats, c);
    json_t *j =
        json_pack("{s:s, s:b, s:i, s:o, s:o, s:o, s:o}", "_", "updates.channelDifference", "final", to == c->box.pts,
                  "pts", to, "new_messages", d.messages, "other_updates", d.others, "chats", d.chats, "users", d.users);
    /* Nobody waits before the next slice. */
    if (to == c->box.pts)
        json_put(j, "timeout", json_integer(TIMEOUT_S));
    return j;
}

const struct rpc_row rpc_updates_rows[] = {
    {"updates.getState", get_state, 0},
    {"updates.getDifference", get_difference, 0},
    {"updates.getChannelDifference", get_channel_difference, 0},
    {NULL, NULL, 0},
};
