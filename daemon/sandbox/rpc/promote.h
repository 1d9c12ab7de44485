/* What an admin may do in a channel or supergroup changes by another's deed. */
#ifndef TGCALLD_SANDBOX_RPC_PROMOTE_H
#define TGCALLD_SANDBOX_RPC_PROMOTE_H

#include "daemon/sandbox/world/world.h"

/* From now on MEMBER of CHAT may manage its calls, or not, and is told (updateChannel). */
void promote(struct world *w, struct world_chat *chat, struct world_member *member, bool manage_call);

#endif
