/* A store in a file that lies where one would be, while the store is in a server's database. */
#ifndef TGCALLD_STORE_LEFT_H
#define TGCALLD_STORE_LEFT_H

#include "daemon/store/store_internal.h"

/* Warns where the database has no account and the config's LEFT_PATH is a store that has some: who changed [store] url
 * may wonder where they are. */
void store_warn_of_left(struct store *s);

#endif
