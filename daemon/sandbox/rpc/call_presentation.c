/* Showing the screen, beside one's video: a second connection of who has joined. */
#include "daemon/sandbox/rpc/call.h"

/* A source is one connection's: another's, or one's own first one. */
static bool is_taken(const struct world_call *call, const struct world_participant *self, int32_t source)
{
    const struct world_participant *p = world_participant_by_source(call, source);

    return p && (p != self || p->source == source);
}

static json_t *join_presentation(struct rpc *r, const json_t *params)
{
    struct update_batch batch;
    struct world_call *call = rpc_call_named(r, params);
    struct world_participant *self = call ? world_participant_of(call, r->user) : NULL;
    int32_t source;

    if (!call)
        return NULL;
    if (!self)
        return rpc_fail(r, 400, "PARTICIPANT_JOIN_MISSING");
    if (!self->can_self_unmute)
        return rpc_fail(r, 403, "GROUPCALL_FORBIDDEN");
    if (!rpc_call_source(json_object_get(params, "params"), &source))
        return rpc_fail(r, 400, "DATA_JSON_INVALID");
    if (is_taken(call, self, source))
        return rpc_fail(r, 400, "GROUPCALL_SSRC_DUPLICATE_MUCH");
    self->presents = true;
    self->presentation_paused = false;
    self->presentation_source = source;
    call->version++;
    update_begin(&batch, r->w, call->chat, r->user);
    update_participant(&batch, call, self, true, false);
    json_t *answer = update_finish(&batch);
    json_array_append_new(json_object_get(answer, "updates"), rpc_call_connection(r, call, true));
    return answer;
}

static json_t *leave_presentation(struct rpc *r, const json_t *params)
{
    struct update_batch batch;
    struct world_call *call = rpc_call_named(r, params);
    struct world_participant *self = call ? world_participant_of(call, r->user) : NULL;

    if (!call)
        return NULL;
    if (!self || !self->presents)
        return rpc_fail(r, 400, "PARTICIPANT_PRESENTATION_MISSING");
    self->presents = self->presentation_paused = false;
    call->version++;
    update_begin(&batch, r->w, call->chat, r->user);
    update_participant(&batch, call, self, true, false);
    return update_answer(&batch, r);
}

const struct rpc_row rpc_call_presentation_rows[] = {
    {"phone.joinGroupCallPresentation", join_presentation, 0},
    {"phone.leaveGroupCallPresentation", leave_presentation, 0},
    {NULL, NULL, 0},
};
