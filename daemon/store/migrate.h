/* The schema, version by version. */
#ifndef TGCALLD_STORE_MIGRATE_H
#define TGCALLD_STORE_MIGRATE_H

#include <stdbool.h>

#include "daemon/store/db.h"

enum { STORE_VERSION = 14 };

/* Which version PATH's database has; 0: it is new, and empty. TGC_ENEWER; TGC_EDAMAGED: it is none of ours. Changes
 * nothing. */
int store_version(struct db *db, const char *path, int *ret, struct fault *fault) TGC_MUST;
/* From that version to STORE_VERSION; within a transaction. */
int store_migrate(struct db *db, int from, struct fault *fault) TGC_MUST;

#endif
