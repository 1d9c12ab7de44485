/* Messages of people who have no client: what is said in a chat, and what is deleted there, told to its members by an
 * update each. */
#ifndef TGCALLD_SANDBOX_RPC_POST_H
#define TGCALLD_SANDBOX_RPC_POST_H

#include "daemon/sandbox/world/world.h"

enum {
    POST_MAX = 10000,
    POST_TEXT_MAX = WORLD_SAID_MAX - sizeof(" 10000"), /* bytes */
    POST_DELETE_MAX = WORLD_EVENTS / 2,
};

struct post_order {
    struct world_user *from; /* a member */
    const char *text;        /* of each, POST_TEXT_MAX; where there are several, its number follows */
    unsigned count;
    bool is_service;
};

void post_messages(struct world *w, struct world_chat *chat, const struct post_order *o);
/* In the name of FROM, a member: the N messages before the last one, as one update with so many pts. */
void post_deletion(struct world *w, struct world_chat *chat, struct world_user *from, unsigned n);

#endif
