/* Which nodes could go on with another seal key: each that follows says in the table tgcalld_key, by their ids, which
 * keys its files have, and who leads changes the key for none that lives without the next. PostgreSQL's alone. */
#ifndef TGCALLD_STORE_NEXT_KEY_H
#define TGCALLD_STORE_NEXT_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/fault.h"
#include "daemon/store/db.h"

/* The table, for who makes the cluster's others. A crash of the server empties it, and the nodes say it anew. */
#define NEXT_KEY_TABLE "CREATE UNLOGGED TABLE IF NOT EXISTS tgcalld_key (node BIGINT PRIMARY KEY, ids TEXT NOT NULL)"

/* NODE's files have the keys of these IDS (store_ring_ids() in ring.h). */
int next_key_note(struct db *db, int64_t node, const char *ids, struct fault *fault) TGC_MUST;

/* The names of the nodes but NODE whose lease holds, and which do not say that they have the key ID, by commas and cut
 * to SIZE; "" where all do. Waits some seconds for those that look just now. */
int next_key_lacking(struct db *db, int64_t node, const char *id, char *ret, size_t size, struct fault *fault) TGC_MUST;

#endif
