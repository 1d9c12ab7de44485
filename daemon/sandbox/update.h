/* What a change means for the members of a chat: one Updates for who acts, the same pushed to everybody else as they
 * see it. A batch lives on the stack for one change. */
#ifndef TGCALLD_SANDBOX_UPDATE_H
#define TGCALLD_SANDBOX_UPDATE_H

#include "daemon/sandbox/world.h"

struct update_batch {
    struct world *w;
    struct world_chat *chat;
    struct world_user *actor;
    json_t *lists[WORLD_MEMBERS_MAX]; /* by member: the updates for them */
};

void update_begin(struct update_batch *b, struct world *w, struct world_chat *chat, struct world_user *actor);
/* updateGroupCall, as CALL is now. */
void update_call(struct update_batch *b, const struct world_call *call);
/* A service message with ACTION (stolen) in the chat: a new message id, a new pts. */
void update_service_message(struct update_batch *b, json_t *action);
/* Pushes to all others (and to the actor's other sessions) and returns what the actor is answered. */
json_t *update_finish(struct update_batch *b);

#endif
