/* Conferences: calls without a chat, of whoever has the link. They are made, looked at, invited to and ended here; who
 * joins one writes blocks into its end-to-end chain, and those are a media engine's: here every block is refused, as
 * Telegram refuses one that does not fit. */
#include <string.h>

#include "daemon/sandbox/rpc/call.h"

static json_t *create(struct rpc *r, const json_t *params)
{
    struct update_batch batch;
    int32_t random_id = (int32_t)json_get_long(params, "random_id");

    if (json_get_true(params, "join"))
        return rpc_fail(r, 400, "CONF_WRITE_CHAIN_INVALID");
    struct world_call *call = world_call_by_intent(r->w, r->user, NULL, random_id);
    if (call)
        return rpc_call_say_again(r, call);
    call = world_add_conference(r->w, r->user, random_id);
    if (!call)
        return rpc_fail(r, 400, "CREATE_CALL_FAILED");
    call->state = WORLD_CALL_ACTIVE;
    call->started_at = call->created_at;
    update_begin(&batch, r->w, call->chat, r->user);
    update_call(&batch, call);
    json_t *answer = update_answer(&batch, r);
    if (answer && r->bytes)
        world_first_keep(&r->w->firsts, &call->first, r->layer, r->bytes->data, r->bytes->len);
    return answer;
}

/* The conference in PARAMS; NULL with GROUPCALL_INVALID. */
static struct world_call *conference(struct rpc *r, const json_t *params)
{
    struct world_call *call = rpc_call_named(r, params);

    if (call && call->chat->kind != WORLD_CONFERENCE)
        return rpc_fail(r, 400, "GROUPCALL_INVALID"), NULL;
    return call;
}

/* --- invitations: a message in each user's own box --- */

/* Puts M, WHOSE copy it is, into his box; what he is told of it. */
static const struct telling *put_message(struct rpc *r, struct world_user *whose, const struct world_user *other,
                                         const struct world_message *m)
{
    struct say *s = &r->w->say;
    struct telling *update = say_object(s, m->is_edit ? "updateEditMessage" : "updateNewMessage", 3);
    struct telling *updates = say_object(s, "updates", 5);
    struct said_list *list = say_list(s, 1), *users = say_list(s, 2);

    said_object(update, "message", say_message(s, r->w, whose, m));
    said_number(update, "pts", world_box_add(&whose->box, m));
    said_number(update, "pts_count", 1);
    said_append(list, update);
    said_append(users, say_user(s, r->w, whose, whose));
    said_append(users, say_user(s, r->w, whose, other));
    said_items(updates, "updates", list);
    said_items(updates, "users", users);
    said_items(updates, "chats", say_list(s, 0));
    said_number(updates, "date", world_now(r->w));
    said_number(updates, "seq", 0);
    return updates;
}

/* The actor's copy and the other's, each to whose it is; what the actor is answered. */
static json_t *tell_both(struct rpc *r, struct world_user *other, const struct world_message *mine,
                         const struct world_message *theirs)
{
    struct say_mark mark = say_mark(&r->w->say);
    const struct telling *own = put_message(r, r->user, other, mine);

    world_push(r->w, other, put_message(r, other, r->user, theirs));
    world_push(r->w, r->user, own);
    json_t *answer = update_said(r, own);
    say_forget(&r->w->say, &mark);
    return answer;
}

static json_t *invite(struct rpc *r, const json_t *params)
{
    const struct world_call *call = conference(r, params);
    struct world_user *other = call ? rpc_input_user(r, json_object_get(params, "user_id")) : NULL;
    struct world_message mine = {.action = WORLD_ACTION_CONFERENCE,
                                 .date = world_now(r->w),
                                 .is_private = true,
                                 .actor_id = r->user->id,
                                 .value = json_get_true(params, "video") ? WORLD_RING_VIDEO : 0};

    if (!other)
        return NULL;
    if (other == r->user)
        return rpc_fail(r, 400, "USER_ID_INVALID");
    mine.call_id = call->id;
    mine.call_hash = call->access_hash;
    mine.id = ++r->user->last_message_id;
    mine.other_id = ++other->last_message_id;
    mine.chat_id = other->id;
    struct world_message theirs = mine;
    theirs.id = mine.other_id;
    theirs.other_id = mine.id;
    theirs.chat_id = r->user->id;
    return tell_both(r, other, &mine, &theirs);
}

/* By either side. It has rung in vain then, on both sides. */
static json_t *decline(struct rpc *r, const json_t *params)
{
    int64_t id = json_get_long(params, "msg_id");
    const struct world_message *m = id > 0 && id <= INT32_MAX ? world_box_find(&r->user->box, (int)id) : NULL;
    bool rings = m && m->action == WORLD_ACTION_CONFERENCE && !(m->value & WORLD_RING_MISSED);
    struct world_user *other = rings ? world_user_by_id(r->w, m->chat_id) : NULL;

    if (!other)
        return rpc_fail(r, 400, "MESSAGE_ID_INVALID");
    struct world_message mine = *m;
    mine.is_edit = true;
    mine.value |= WORLD_RING_MISSED;
    struct world_message theirs = mine;
    theirs.id = mine.other_id;
    theirs.other_id = mine.id;
    theirs.chat_id = r->user->id;
    return tell_both(r, other, &mine, &theirs);
}

/* --- the chain --- */

/* Nobody has joined, so there is no block. */
static json_t *chain_blocks(struct rpc *r, const json_t *params)
{
    const struct world_call *call = conference(r, params);

    if (!call)
        return NULL;
    json_t *update =
        json_pack("{s:s, s:o, s:I, s:[], s:i}", "_", "updateGroupCallChainBlocks", "call", view_input_call(call),
                  "sub_chain_id", (json_int_t)json_get_long(params, "sub_chain_id"), "blocks", "next_offset", 0);
    return json_pack("{s:s, s:[o], s:[], s:[], s:i, s:i}", "_", "updates", "updates", update, "users", "chats", "date",
                     world_now(r->w), "seq", 0);
}

static json_t *write_block(struct rpc *r, const json_t *params)
{
    return conference(r, params) ? rpc_fail(r, 400, "CONF_WRITE_CHAIN_INVALID") : NULL;
}

/* Only who has joined has a key to encrypt with. */
static json_t *send_encrypted(struct rpc *r, const json_t *params)
{
    return conference(r, params) ? rpc_fail(r, 400, "GROUPCALL_JOIN_MISSING") : NULL;
}

const struct rpc_row rpc_call_conference_rows[] = {
    {"phone.createConferenceCall", create, 0},
    {"phone.inviteConferenceCallParticipant", invite, 0},
    {"phone.declineConferenceCallInvite", decline, 0},
    {"phone.getGroupCallChainBlocks", chain_blocks, 0},
    {"phone.deleteConferenceCallParticipants", write_block, 0},
    {"phone.sendConferenceCallBroadcast", write_block, 0},
    {"phone.sendGroupCallEncryptedMessage", send_encrypted, 0},
    {NULL, NULL, 0},
};
