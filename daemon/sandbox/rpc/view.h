/* The world as one user sees it: as what is said (said.h), which is what goes to clients by the thousand, and the same
 * as TL JSON. One text serves all layers: members that a layer lacks are dropped. */
#ifndef TGCALLD_SANDBOX_RPC_VIEW_H
#define TGCALLD_SANDBOX_RPC_VIEW_H

#include "daemon/sandbox/world/said.h"
#include "daemon/sandbox/world/world.h"

/* VIEWER may be NULL (nobody is logged in yet): no access hash then. All are NULL where memory is short. */
struct telling *say_user(struct say *s, const struct world *w, const struct world_user *viewer,
                         const struct world_user *user);
struct telling *say_chat(struct say *s, const struct world *w, const struct world_user *viewer,
                         const struct world_chat *chat);
struct telling *say_input_call(struct say *s, int64_t id, int64_t access_hash);
/* updateGroupCall for every layer: chat_id and peer. */
struct telling *say_update_call(struct say *s, const struct world_user *viewer, const struct world_call *call);
/* The same with the call as a min object, in layers that have those. */
struct telling *say_update_call_min(struct say *s, const struct world_user *viewer, const struct world_call *call);
/* message, or messageService. */
struct telling *say_message(struct say *s, const struct world *w, const struct world_user *viewer,
                            const struct world_message *m);

/* New references. */
json_t *view_user(const struct world *w, const struct world_user *viewer, const struct world_user *user);
json_t *view_chat(const struct world *w, const struct world_user *viewer, const struct world_chat *chat);
/* peerUser, peerChat, peerChannel. */
json_t *view_peer(const struct world_chat *chat);
json_t *view_peer_user(const struct world_user *user);
/* groupCall, or groupCallDiscarded. */
json_t *view_call(const struct world_user *viewer, const struct world_call *call);
/* groupCallParticipant; MIN: without what depends on the viewer. */
json_t *view_participant(const struct world_user *viewer, const struct world_call *call,
                         const struct world_participant *p, bool min);
json_t *view_identity(const struct world_identity *as);
/* The link to a conference. */
json_t *view_conference_link(const struct world_call *call);
json_t *view_input_call(const struct world_call *call);
json_t *view_update_call(const struct world_user *viewer, const struct world_call *call);
json_t *view_message(const struct world *w, const struct world_user *viewer, const struct world_message *m);
json_t *view_notify_settings(void);
/* The seq of the last container that USER was told. */
int view_seq(const struct world_user *user);
/* updates.state of a user. */
json_t *view_state(const struct world *w, const struct world_user *user);

#endif
