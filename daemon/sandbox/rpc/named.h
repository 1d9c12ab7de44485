/* The users and chats that an answer has to bring along: exactly those that its messages name, each once, as the asker
 * sees them. Who is missing there makes a strict client ask for the difference again. */
#ifndef TGCALLD_SANDBOX_RPC_NAMED_H
#define TGCALLD_SANDBOX_RPC_NAMED_H

#include "daemon/sandbox/rpc/rpc.h"

/* Into lists of users and chats; NULL is nobody, and is left out. */
void named_user(const struct rpc *r, json_t *users, const struct world_user *user);
void named_chat(const struct rpc *r, json_t *chats, const struct world_chat *chat);
/* Where MESSAGE stands, whose it is, and whom it is about. */
void named_message(const struct rpc *r, json_t *users, json_t *chats, const json_t *message);

#endif
