/* Which nodes know of the last change of the tokens: each that follows says so in the table tgcalld_heard, and who
 * changed them waits for all that live, for a while. So what is answered of a token is true at every node that says so
 * in time; one that does not, or is cut off from the database, goes by what it heard last until it hears again.
 * PostgreSQL's alone. */
#ifndef TGCALLD_STORE_HEARD_H
#define TGCALLD_STORE_HEARD_H

#include <stdint.h>

#include "daemon/base/clock.h"
#include "daemon/base/fault.h"
#include "daemon/store/db.h"

/* The table, for who makes the cluster's others. A crash of the server empties it, and the nodes' connections end with
 * it: they say anew what they know. */
#define HEARD_TABLE "CREATE UNLOGGED TABLE IF NOT EXISTS tgcalld_heard (node BIGINT PRIMARY KEY, tokens TEXT NOT NULL)"
#define HEARD_TOLD "tgcalld_heard"

/* NODE knows the tokens as they are since MARK (STORE_META_TOKENS in tell.h). */
int heard_note(struct db *db, int64_t node, const char *mark, struct fault *fault) TGC_MUST;

/* Waits on a connection of its own until all nodes but NODE that follow, and whose lease holds, know the tokens as they
 * are in the database; at most until UNTIL_US. *RET_LEFT: so many do not. Any thread. */
int heard_wait(const char *url, int64_t node, const struct clock_source *clock, int64_t until_us, int64_t *ret_left,
               struct fault *fault) TGC_MUST;

#endif
