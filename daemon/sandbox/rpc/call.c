#include "daemon/sandbox/rpc/call.h"

#include <string.h>

/* By a message that invites to a conference, in the asker's own box. */
static struct world_call *find_invited(const struct rpc *r, int64_t id)
{
    const struct world_message *m = id > 0 && id <= INT32_MAX ? world_box_find(&r->user->box, (int)id) : NULL;

    return m && m->action == WORLD_ACTION_CONFERENCE ? world_call_by_id(r->w, m->call_id) : NULL;
}

static struct world_call *find(struct rpc *r, const json_t *params)
{
    const json_t *j = json_object_get(params, "call");
    struct world_call *call = NULL;

    if (strcmp(json_tag(j), "inputGroupCallSlug") == 0)
        return world_call_by_slug(r->w, json_get_text(j, "slug"));
    if (strcmp(json_tag(j), "inputGroupCallInviteMessage") == 0)
        return find_invited(r, json_get_long(j, "msg_id"));
    if (strcmp(json_tag(j), "inputGroupCall") == 0)
        call = world_call_by_id(r->w, json_get_long(j, "id"));
    return call && call->access_hash == json_get_long(j, "access_hash") ? call : NULL;
}

static bool may_look(const struct rpc *r, const struct world_call *call)
{
    return call->chat->kind == WORLD_CONFERENCE || world_member(call->chat, r->user);
}

struct world_call *rpc_call_any(struct rpc *r, const json_t *params)
{
    struct world_call *call = find(r, params);

    if (!call)
        return rpc_fail(r, 400, "GROUPCALL_INVALID"), NULL;
    if (!may_look(r, call))
        return rpc_fail(r, 403, "GROUPCALL_FORBIDDEN"), NULL;
    return call;
}

struct world_call *rpc_call_living(struct rpc *r, const json_t *params)
{
    struct world_call *call = rpc_call_any(r, params);

    if (call && call->state == WORLD_CALL_DISCARDED)
        return rpc_fail(r, 403, "GROUPCALL_FORBIDDEN"), NULL;
    return call;
}

struct world_call *rpc_call_managed(struct rpc *r, const json_t *params)
{
    struct world_call *call = rpc_call_living(r, params);

    if (call && !world_may_manage(call->chat, r->user))
        return rpc_fail(r, 403, "GROUPCALL_FORBIDDEN"), NULL;
    return call;
}

struct world_call *rpc_call_named(struct rpc *r, const json_t *params)
{
    struct world_call *call = find(r, params);

    if (!call || call->state == WORLD_CALL_DISCARDED || !may_look(r, call))
        return rpc_fail(r, 400, "GROUPCALL_INVALID"), NULL;
    return call;
}

json_t *rpc_call_changed(struct rpc *r, struct world_call *call)
{
    struct update_batch batch;

    call->version++;
    update_begin(&batch, r->w, call->chat, r->user);
    update_call(&batch, call);
    return update_answer(&batch, r);
}

bool rpc_call_identity(struct rpc *r, const json_t *peer, struct world_identity *ret)
{
    struct rpc quiet = *r;

    if (strcmp(json_tag(peer), "inputPeerChannel") == 0)
        *ret = (struct world_identity){.channel = rpc_input_peer_chat(&quiet, peer)};
    else
        *ret = (struct world_identity){.user = rpc_input_user(&quiet, peer)};
    return ret->user || ret->channel;
}

struct world_participant *rpc_call_participant(struct rpc *r, const struct world_call *call, const json_t *peer)
{
    struct world_identity as;

    if (!rpc_call_identity(r, peer, &as))
        return NULL;
    return as.user == r->user && r->user ? world_participant_of(call, r->user) : world_participant_as(call, &as);
}

bool rpc_call_may_be(const struct rpc *r, const struct world_identity *as)
{
    if (!as->channel)
        return as->user == r->user;
    return as->channel->kind == WORLD_CHANNEL && *as->channel->username &&
           world_role(as->channel, r->user) == WORLD_CREATOR;
}
