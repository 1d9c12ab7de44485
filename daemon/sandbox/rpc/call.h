/* What the methods on group calls share: the call a query names, who may, and what a change answers. */
#ifndef TGCALLD_SANDBOX_RPC_CALL_H
#define TGCALLD_SANDBOX_RPC_CALL_H

#include "daemon/sandbox/rpc/rpc.h"
#include "daemon/sandbox/rpc/update.h"
#include "daemon/sandbox/rpc/view.h"

extern const struct rpc_row rpc_call_settings_rows[], rpc_call_conference_rows[], rpc_call_invite_rows[],
    rpc_call_join_rows[], rpc_call_message_rows[], rpc_call_participant_rows[], rpc_call_presentation_rows[],
    rpc_call_read_rows[];

/* The call in PARAMS. All of these are NULL with the error set. */
/* Whatever its state: 400 GROUPCALL_INVALID, 403 GROUPCALL_FORBIDDEN for who is no member. */
struct world_call *rpc_call_any(struct rpc *r, const json_t *params);
/* Not ended; GROUPCALL_FORBIDDEN where it is, too. */
struct world_call *rpc_call_living(struct rpc *r, const json_t *params);
/* Not ended, and the right to manage it. */
struct world_call *rpc_call_managed(struct rpc *r, const json_t *params);
/* Not ended, for methods that know no GROUPCALL_FORBIDDEN: everything wrong is GROUPCALL_INVALID. */
struct world_call *rpc_call_named(struct rpc *r, const json_t *params);

/* It is over, and its people are out of it. Tells nobody. */
void call_end(struct world *w, struct world_call *call);
/* What the create of CALL answered, said again to the same intent. */
json_t *rpc_call_say_again(struct rpc *r, const struct world_call *call);
/* The source number out of a client's WebRTC description (dataJSON); false where there is none. */
bool rpc_call_source(const json_t *data, int32_t *ret);
/* updateGroupCallConnection. */
json_t *rpc_call_connection(const struct rpc *r, const struct world_call *call, bool presentation);
/* Counts the version up, tells everybody, returns the Updates. */
json_t *rpc_call_changed(struct rpc *r, struct world_call *call);

/* Who an InputPeer means, as a speaker: false where it is neither a user nor a channel. A channel's user is NULL. */
bool rpc_call_identity(struct rpc *r, const json_t *peer, struct world_identity *ret);
/* The participant that an InputPeer means: oneself whatever one speaks as; NULL, no error set. */
struct world_participant *rpc_call_participant(struct rpc *r, const struct world_call *call, const json_t *peer);
/* Whether the user may speak as this: themselves, or a public channel of theirs. */
bool rpc_call_may_be(const struct rpc *r, const struct world_identity *as);

#endif
