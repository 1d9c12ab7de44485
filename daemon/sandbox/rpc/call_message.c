/* Messages in a call: who is in it hears them, and nobody else. Which of them cost what, and who may write where
 * messages are off, is told by the errors that messages in chats have; the method pages of these name none. */
#include "daemon/sandbox/world/call_message.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/utf8.h"
#include "daemon/sandbox/rpc/call.h"

enum {
    TEXT_MAX = 128, /* characters: group_call_message_length_limit */
    ENTITIES_MAX = 100,
    TOP_DONORS = 3,
    DONORS_MAX = 100, /* that are told of */
};

static json_t *message_json(const struct world_call_message *m)
{
    json_t *j = json_pack("{s:s, s:i, s:o, s:i, s:O}", "_", "groupCallMessage", "id", m->id, "from_id",
                          view_identity(&m->from), "date", m->date, "message", m->text);

    json_put_flag(j, "from_admin", m->from_admin);
    if (m->stars)
        json_put(j, "paid_message_stars", json_integer(m->stars));
    return j;
}

static void tell_message(struct update_batch *b, const struct world_call *call, const struct world_call_message *m)
{
    if (m->from.channel)
        b->speaks_as = m->from.channel;
    else
        b->other = m->from.user;
    update_joined(b, call,
                  json_pack("{s:s, s:o, s:o}", "_", "updateGroupCallMessage", "call", view_input_call(call), "message",
                            message_json(m)));
}

/* Whom it is from: as the query has it, else what was chosen in the call, else who they are in it. */
static bool send_as(struct rpc *r, const json_t *params, const struct world_participant *self,
                    struct world_identity *ret)
{
    const json_t *peer = json_object_get(params, "send_as");

    *ret = self->as;
    if (self->has_send_as)
        ret->channel = self->send_as;
    if (peer && (!rpc_call_identity(r, peer, ret) || !rpc_call_may_be(r, ret)))
        return rpc_fail(r, 400, "SEND_AS_PEER_INVALID"), false;
    ret->user = r->user;
    return true;
}

/* What is wrong with the text; a payment may come without one. */
static bool is_text_wrong(struct rpc *r, const json_t *text, int64_t stars)
{
    const json_t *s = json_object_get(text, "text");
    size_t n = utf8_count(json_string_value(s), json_string_length(s));

    if (!n && !stars)
        rpc_fail(r, 400, "MESSAGE_EMPTY");
    else if (n > TEXT_MAX)
        rpc_fail(r, 400, "MESSAGE_TOO_LONG");
    else if (json_array_size(json_object_get(text, "entities")) > ENTITIES_MAX)
        rpc_fail(r, 400, "ENTITIES_TOO_LONG");
    return r->code != 0;
}

static bool may_write(struct rpc *r, const struct world_call *call, int64_t stars)
{
    if (world_may_manage(call->chat, r->user))
        return true;
    if (call->messages_off)
        return rpc_fail(r, 403, "CHAT_WRITE_FORBIDDEN"), false;
    if (stars < call->paid_stars)
        return rpc_fail(r, 403, "ALLOW_PAYMENT_REQUIRED_%lld", (long long)call->paid_stars), false;
    return true;
}

static json_t *answer_message(struct rpc *r, struct world_call *call, const struct world_call_message *m, bool is_new)
{
    struct update_batch batch;

    update_begin(&batch, r->w, call->chat, r->user);
    batch.actor_only = !is_new;
    tell_message(&batch, call, m);
    return update_answer(&batch, r);
}

static json_t *send_message(struct rpc *r, const json_t *params)
{
    struct world_call *call = rpc_call_named(r, params);
    const struct world_participant *self = call ? world_participant_of(call, r->user) : NULL;
    struct world_call_message m = {.random_id = json_get_long(params, "random_id"),
                                   .stars = json_get_long(params, "allow_paid_stars")};

    if (!call)
        return NULL;
    if (!self)
        return rpc_fail(r, 400, "GROUPCALL_JOIN_MISSING");
    const struct world_call_message *before = world_call_message_by_intent(call, r->user, m.random_id);
    if (before)
        return answer_message(r, call, before, false);
    m.from_admin = world_may_manage(call->chat, r->user);
    if (m.from_admin || m.stars < 0)
        m.stars = 0; /* those whose call it is pay themselves nothing */
    if (!may_write(r, call, m.stars) || !send_as(r, params, self, &m.from) ||
        is_text_wrong(r, json_object_get(params, "message"), m.stars))
        return NULL;
    m.date = world_now(r->w);
    m.text = json_deep_copy(json_object_get(params, "message"));
    const struct world_call_message *added = world_call_message_add(call, &m);
    return added ? answer_message(r, call, added, true) : NULL;
}

/* The ids of LIST are gone: all that joined hear of it, and who did it. */
static json_t *deleted(struct rpc *r, struct world_call *call, json_t *list)
{
    struct update_batch batch;
    const json_t *id;
    size_t i;

    json_array_foreach (list, i, id)
        world_call_message_drop(call, (int)json_integer_value(id));
    update_begin(&batch, r->w, call->chat, r->user);
    if (json_array_size(list))
        update_joined(&batch, call,
                      json_pack("{s:s, s:o, s:O}", "_", "updateDeleteGroupCallMessages", "call", view_input_call(call),
                                "messages", list));
    json_decref(list);
    return update_answer(&batch, r);
}

/* Those of others are an admin's to delete; what is gone already is not there. */
static json_t *delete_messages(struct rpc *r, const json_t *params)
{
    struct world_call *call = rpc_call_named(r, params);
    bool manages = call && world_may_manage(call->chat, r->user);
    json_t *found, *item;
    size_t i;

    if (!call)
        return NULL;
    found = json_array();
    json_array_foreach (json_object_get(params, "messages"), i, item) {
        const struct world_call_message *m = world_call_message_by_id(call, json_as_long(item));
        if (m && !manages && m->from.user != r->user) {
            json_decref(found);
            return rpc_fail(r, 403, "MESSAGE_DELETE_FORBIDDEN");
        }
        if (m && json_array_size(found) < WORLD_CALL_MESSAGES)
            json_array_append_new(found, json_integer(m->id));
    }
    return deleted(r, call, found);
}

static json_t *delete_participant_messages(struct rpc *r, const json_t *params)
{
    struct world_call *call = rpc_call_named(r, params);
    struct world_identity whose;

    if (!call)
        return NULL;
    if (!rpc_call_identity(r, json_object_get(params, "participant"), &whose))
        return rpc_fail(r, 400, "PEER_ID_INVALID");
    if (!world_may_manage(call->chat, r->user) && whose.user != r->user)
        return rpc_fail(r, 403, "GROUPCALL_FORBIDDEN");
    json_t *found = json_array();
    for (unsigned i = 0; call->talk && i < WORLD_CALL_MESSAGES; i++) {
        const struct world_call_message *m = &call->talk->messages[i];
        if (m->id && world_identity_is(&m->from, &whose))
            json_array_append_new(found, json_integer(m->id));
    }
    return deleted(r, call, found);
}

static json_t *save_send_as(struct rpc *r, const json_t *params)
{
    struct world_call *call = rpc_call_named(r, params);
    struct world_participant *self = call ? world_participant_of(call, r->user) : NULL;
    struct world_identity as;

    if (!call)
        return NULL;
    if (!self)
        return rpc_fail(r, 400, "GROUPCALL_JOIN_MISSING");
    if (!rpc_call_identity(r, json_object_get(params, "send_as"), &as) || !rpc_call_may_be(r, &as))
        return rpc_fail(r, 400, "SEND_AS_PEER_INVALID");
    self->has_send_as = true;
    self->send_as = as.channel;
    return json_true();
}

static int by_stars(const void *a, const void *b)
{
    int64_t x = ((const struct world_donor *)a)->stars, y = ((const struct world_donor *)b)->stars;

    return (x < y) - (x > y);
}

static json_t *get_stars(struct rpc *r, const json_t *params)
{
    const struct world_call *call = rpc_call_named(r, params);
    struct world_talk *t = call ? call->talk : NULL;

    if (!call)
        return NULL;
    json_t *donors = json_array(), *users = json_array(), *chats = json_array();
    if (t && t->donors_n)
        qsort(t->donors, t->donors_n, sizeof(*t->donors), by_stars);
    for (unsigned i = 0; t && i < t->donors_n && i < DONORS_MAX; i++) {
        const struct world_donor *d = &t->donors[i];
        json_t *j = json_pack("{s:s, s:o, s:I}", "_", "groupCallDonor", "peer_id", view_identity(&d->as), "stars",
                              (json_int_t)d->stars);
        json_put_flag(j, "top", i < TOP_DONORS);
        json_put_flag(j, "my", d->as.user == r->user);
        json_array_append_new(donors, j);
        if (d->as.channel)
            json_array_append_new(chats, view_chat(r->w, r->user, d->as.channel));
        else
            json_array_append_new(users, view_user(r->w, r->user, d->as.user));
    }
    return json_pack("{s:s, s:I, s:o, s:o, s:o}", "_", "phone.groupCallStars", "total_stars",
                     (json_int_t)(t ? t->stars : 0), "top_donors", donors, "chats", chats, "users", users);
}

const struct rpc_row rpc_call_message_rows[] = {
    {"phone.sendGroupCallMessage", send_message, 0},
    {"phone.deleteGroupCallMessages", delete_messages, 0},
    {"phone.deleteGroupCallParticipantMessages", delete_participant_messages, 0},
    {"phone.saveDefaultSendAs", save_send_as, 0},
    {"phone.getGroupCallStars", get_stars, 0},
    {NULL, NULL, 0},
};
