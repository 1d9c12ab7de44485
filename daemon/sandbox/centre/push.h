/* Updates to whom they concern, each session in its own layer. CTX is struct centres. */
#ifndef TGCALLD_SANDBOX_CENTRE_PUSH_H
#define TGCALLD_SANDBOX_CENTRE_PUSH_H

#include "daemon/sandbox/world/world.h"

/* world.push: to every session of USER that wants updates, except the acting one. */
void push_to_user(void *ctx, const struct world_user *user, const struct telling *updates);
/* world.push_key: the same to the sessions of one key. */
void push_to_key(void *ctx, int dc, uint64_t key_id, const json_t *updates);

struct centres;
/* To every session that wants updates, logged in or not: where the data centres are now. */
void push_dc_options(struct centres *s);

#endif
