/* What an admin sets on a running call. */
#include "daemon/sandbox/rpc/call.h"

static json_t *edit_title(struct rpc *r, const json_t *params)
{
    struct world_call *call = rpc_call_managed(r, params);
    const json_t *title = json_object_get(params, "title");

    if (!call)
        return NULL;
    if (world_text_is(&call->title, title, WORLD_TITLE_MAX))
        return rpc_fail(r, 400, "GROUPCALL_NOT_MODIFIED");
    if (world_text_set(&call->title, title, WORLD_TITLE_MAX))
        return NULL;
    return rpc_call_changed(r, call);
}

/* An optional Bool that differs from what is set. */
static bool changes(const json_t *params, const char *key, bool now)
{
    const json_t *j = json_object_get(params, key);

    return j && json_is_true(j) != now;
}

static json_t *toggle_settings(struct rpc *r, const json_t *params)
{
    struct world_call *call = rpc_call_managed(r, params);
    const json_t *stars = json_object_get(params, "send_paid_messages_stars");

    if (!call)
        return NULL;
    bool mute = changes(params, "join_muted", call->join_muted);
    bool messages = changes(params, "messages_enabled", !call->messages_off);
    bool price = stars && json_as_long(stars) != call->paid_stars;
    bool reset = json_get_true(params, "reset_invite_hash");
    /* can_change_join_muted is not set on streams. */
    if (mute && call->rtmp)
        return rpc_fail(r, 403, "GROUPCALL_CHANGE_FORBIDDEN");
    if (!mute && !messages && !price && !reset)
        return rpc_fail(r, 400, "GROUPCALL_NOT_MODIFIED");
    call->join_muted ^= mute;
    call->messages_off ^= messages;
    if (price)
        call->paid_stars = json_as_long(stars);
    if (reset)
        call->invite_key = random_u64(r->w->random);
    return rpc_call_changed(r, call);
}

static json_t *toggle_record(struct rpc *r, const json_t *params)
{
    struct world_call *call = rpc_call_managed(r, params);
    bool start = json_get_true(params, "start");

    if (!call)
        return NULL;
    if (start && call->state != WORLD_CALL_ACTIVE)
        return rpc_fail(r, 403, "GROUPCALL_FORBIDDEN");
    if (start == (call->record_start_date != 0))
        return rpc_fail(r, 400, "GROUPCALL_NOT_MODIFIED");
    if (world_text_set(&call->record_title, start ? json_object_get(params, "title") : NULL, WORLD_RECORD_TITLE_MAX))
        return NULL;
    call->record_start_date = start ? world_now(r->w) : 0;
    call->record_video = start && json_get_true(params, "video");
    return rpc_call_changed(r, call);
}

const struct rpc_row rpc_call_settings_rows[] = {
    {"phone.editGroupCallTitle", edit_title, 0},
    {"phone.toggleGroupCallSettings", toggle_settings, 0},
    {"phone.toggleGroupCallRecord", toggle_record, 0},
    {NULL, NULL, 0},
};
