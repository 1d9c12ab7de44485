/* What keeps a store: copies of it, and a new seal key. Both run on the store's thread while the daemon works. */
#ifndef TGCALLD_STORE_UPKEEP_H
#define TGCALLD_STORE_UPKEEP_H

#include "daemon/store/store.h"

/* Copies the database as it is after all that was put before, to a new file PATH, mode 0600; PATH.part is ours. The
 * seal key is not in it, and it says that it is a copy (past.h). By DONE: TGC_EEXIST (nothing is overwritten),
 * TGC_EFULL, TGC_ESYSTEM, TGC_ENOMEM. */
int store_backup(struct store_desk *d, const char *path, store_done_fn *done, void *ctx) TGC_MUST;

/* Removes the copy PATH, and what a process that was killed left of one on its way there. */
void store_backup_forget(const char *path);

/* Seals everything anew under another key, which is made, or where the key is given read from KEY_PATH.next. A process
 * that is killed at any moment of it leaves a database that opens. By DONE: TGC_ESTATE where a given key has no next
 * one, else what a write says. */
int store_rotate(struct store_desk *d, store_done_fn *done, void *ctx) TGC_MUST;

#endif
