/* The world as TL JSON, as one user sees it. One text serves all layers: members that a layer lacks are dropped by the
 * encoder. Every function returns a new reference. */
#ifndef TGCALLD_SANDBOX_RPC_VIEW_H
#define TGCALLD_SANDBOX_RPC_VIEW_H

#include "daemon/sandbox/world/world.h"

/* VIEWER may be NULL (nobody is logged in yet): no access hash then. */
json_t *view_user(const struct world *w, const struct world_user *viewer, const struct world_user *user);
json_t *view_chat(const struct world *w, const struct world_user *viewer, const struct world_chat *chat);
/* peerUser, peerChat, peerChannel. */
json_t *view_peer(const struct world_chat *chat);
json_t *view_peer_user(const struct world_user *user);
/* groupCall, or groupCallDiscarded. */
json_t *view_call(const struct world *w, const struct world_user *viewer, const struct world_call *call);
/* groupCallParticipant; MIN: without what depends on the viewer. */
json_t *view_participant(const struct world_user *viewer, const struct world_call *call,
                         const struct world_participant *p, bool min);
json_t *view_identity(const struct world_identity *as);
json_t *view_input_call(const struct world_call *call);
/* updateGroupCall for every layer: chat_id and peer. */
json_t *view_update_call(const struct world *w, const struct world_user *viewer, const struct world_call *call);
/* updates with these lists (stolen). */
json_t *view_updates(const struct world *w, json_t *updates, json_t *users, json_t *chats);
json_t *view_notify_settings(void);
/* updates.state of a user. */
json_t *view_state(const struct world *w, const struct world_user *user);

#endif
