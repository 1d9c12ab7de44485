/* The life of a group call: created, started, ended. Rules and error names as the method pages and the official clients
 * have them. */
#include <string.h>

#include "daemon/sandbox/rpc/call.h"

enum { SCHEDULE_MIN_S = 10, SCHEDULE_MAX_S = 8 * 86400 };

/* How it stands, as a message in its chat. */
static struct world_message message_of(const struct world_call *call)
{
    struct world_message m = {
        .action = WORLD_ACTION_CALL, .call_id = call->id, .call_hash = call->access_hash, .value = -1};

    if (call->state == WORLD_CALL_DISCARDED)
        m.value = call->ended_at - call->started_at;
    else if (call->state == WORLD_CALL_SCHEDULED)
        m.action = WORLD_ACTION_SCHEDULED, m.value = call->schedule_date;
    return m;
}

void call_end(struct world *w, struct world_call *call)
{
    call->state = WORLD_CALL_DISCARDED;
    call->ended_at = world_now(w);
    if (call->chat->call == call)
        call->chat->call = NULL;
    world_participants_clear(call);
    world_talk_end(call);
}

/* A scheduled call that never ran leaves no "lasted" message. */
static void tell_end(const struct world_call *call, struct update_batch *batch)
{
    update_call(batch, call);
    if (call->started_at && call->chat->kind != WORLD_CONFERENCE)
        update_message(batch, message_of(call));
}

/* What is wrong with the request itself; 0 where nothing is. */
static int check_create(struct rpc *r, const json_t *params, const struct world_chat *chat)
{
    const json_t *date = json_object_get(params, "schedule_date");
    int64_t ahead = json_as_long(date) - world_now(r->w);

    if (!world_may_manage(chat, r->user))
        rpc_fail(r, 400, "CHAT_ADMIN_REQUIRED");
    else if (json_get_true(params, "rtmp_stream") && world_role(chat, r->user) != WORLD_CREATOR)
        rpc_fail(r, 400, "CHAT_ADMIN_REQUIRED");
    else if (date && (ahead < SCHEDULE_MIN_S || ahead > SCHEDULE_MAX_S))
        rpc_fail(r, 400, "SCHEDULE_DATE_INVALID");
    return r->code;
}

/* The same intent again. What is forgotten, or was said in another layer, cannot be said again; it is done all the
 * same. */
json_t *rpc_call_say_again(struct rpc *r, const struct world_call *call)
{
    const struct world_first *first = call->first;

    if (first && r->bytes && first->layer == r->layer)
        return buf_put(r->bytes, first->bytes, first->len) ? NULL : rpc_in_bytes();
    if (call->state == WORLD_CALL_DISCARDED)
        return rpc_fail(r, 400, "GROUPCALL_ALREADY_DISCARDED");
    return rpc_fail(r, 500, "RANDOM_ID_DUPLICATE");
}

static json_t *create(struct rpc *r, const json_t *params)
{
    struct update_batch batch;
    struct world_chat *chat = rpc_input_peer_chat(r, json_object_get(params, "peer"));
    int32_t random_id = (int32_t)json_get_long(params, "random_id");
    struct world_text title = {0};

    if (!chat)
        return NULL;
    struct world_call *call = world_call_by_intent(r->w, r->user, chat, random_id);
    if (call && world_may_manage(chat, r->user))
        return rpc_call_say_again(r, call);
    if (check_create(r, params, chat))
        return NULL;
    if (world_text_set(&title, json_object_get(params, "title"), WORLD_TITLE_MAX))
        return NULL;
    call = world_add_call(r->w, chat, r->user, random_id);
    if (!call) {
        world_text_fini(&title);
        return rpc_fail(r, 400, "CREATE_CALL_FAILED");
    }
    call->title = title;
    call->rtmp = call->join_muted = json_get_true(params, "rtmp_stream");
    call->schedule_date = (int32_t)json_get_long(params, "schedule_date");
    call->state = call->schedule_date ? WORLD_CALL_SCHEDULED : WORLD_CALL_ACTIVE;
    call->started_at = call->schedule_date ? 0 : call->created_at;
    update_begin(&batch, r->w, chat, r->user);
    struct world_call *replaced = chat->call;
    if (replaced)
        call_end(r->w, replaced);
    /* What else the create did is nothing that was asked for. */
    if (replaced && !r->w->is_silent)
        tell_end(replaced, &batch);
    chat->call = call;
    update_call(&batch, call);
    update_message(&batch, message_of(call));
    json_t *answer = update_answer(&batch, r);
    if (answer && r->bytes)
        world_first_keep(&r->w->firsts, &call->first, r->layer, r->bytes->data, r->bytes->len);
    return answer;
}

static json_t *start_scheduled(struct rpc *r, const json_t *params)
{
    struct update_batch batch;
    struct world_call *call = rpc_call_managed(r, params);

    if (!call)
        return NULL;
    if (call->state != WORLD_CALL_SCHEDULED)
        return rpc_fail(r, 403, "GROUPCALL_ALREADY_STARTED");
    call->state = WORLD_CALL_ACTIVE;
    call->schedule_date = 0;
    call->subscribed = 0;
    call->started_at = world_now(r->w);
    call->version++;
    update_begin(&batch, r->w, call->chat, r->user);
    update_call(&batch, call);
    update_message(&batch, message_of(call));
    return update_answer(&batch, r);
}

static json_t *discard(struct rpc *r, const json_t *params)
{
    struct update_batch batch;
    struct world_call *call = rpc_call_any(r, params);

    if (!call)
        return NULL;
    if (!world_may_manage(call->chat, r->user))
        return rpc_fail(r, 403, "GROUPCALL_FORBIDDEN");
    if (call->state == WORLD_CALL_DISCARDED)
        return rpc_fail(r, 400, "GROUPCALL_ALREADY_DISCARDED");
    update_begin(&batch, r->w, call->chat, r->user);
    call_end(r->w, call);
    tell_end(call, &batch);
    return update_answer(&batch, r);
}

/* A wish of one user: nobody else hears of it, and the call's version stays. */
static json_t *toggle_subscription(struct rpc *r, const json_t *params)
{
    struct update_batch batch;
    struct world_call *call = rpc_call_living(r, params);
    uint64_t bit = call ? world_member_bit(call->chat, r->user) : 0;
    bool wanted = json_get_true(params, "subscribed");

    if (!call)
        return NULL;
    if (call->state != WORLD_CALL_SCHEDULED)
        return rpc_fail(r, 403, "GROUPCALL_ALREADY_STARTED");
    if (wanted == !!(call->subscribed & bit))
        return rpc_fail(r, 400, "GROUPCALL_NOT_MODIFIED");
    call->subscribed ^= bit;
    update_begin(&batch, r->w, call->chat, r->user);
    batch.actor_only = true;
    update_call(&batch, call);
    return update_answer(&batch, r);
}

const struct rpc_row rpc_phone_rows[] = {
    {"phone.createGroupCall", create, 0},
    {"phone.startScheduledGroupCall", start_scheduled, 0},
    {"phone.toggleGroupCallStartSubscription", toggle_subscription, 0},
    {"phone.discardGroupCall", discard, 0},
    {NULL, NULL, 0},
};
