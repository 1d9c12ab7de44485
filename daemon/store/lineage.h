/* What a database and all its copies have in common: a name for good, made when the first of them was. Whichever of
 * them is used has that name on this machine to itself, as an abstract Unix socket: it ends with the process however
 * that ends, and needs no folder that all users may write. Machines, and containers with a network of their own, do not
 * see each other's. */
#ifndef TGCALLD_STORE_LINEAGE_H
#define TGCALLD_STORE_LINEAGE_H

#include "daemon/store/store_internal.h"

/* Takes it for this process, for the store's life; a database without a name gets the same one as its copies would.
 * TGC_EBUSY: a daemon here uses this database or another one of its lineage. Nothing is changed. */
int store_lineage_take(struct store *s, struct fault *fault) TGC_MUST;
/* Whether the database has its name written in it. */
int store_lineage_is_kept(struct store *s, bool *ret, struct fault *fault) TGC_MUST;
/* Writes it where it is not; within a transaction. */
int store_lineage_keep(struct store *s, struct fault *fault) TGC_MUST;

#endif
