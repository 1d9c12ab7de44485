/* Memory for keys: locked, left out of core dumps, wiped when given back. All secrets of a process share a few pages
 * (a guarded allocation each would take 16 KiB an account). Any thread. */
#ifndef TGCALLD_BASE_SECRET_H
#define TGCALLD_BASE_SECRET_H

#include <stddef.h>

enum { SECRET_MAX = 1024 };

/* Zeroed memory for LEN bytes (1..SECRET_MAX), aligned to 16; NULL where memory is gone. Where locking is refused (a
 * small RLIMIT_MEMLOCK) it works unlocked and warns once. */
void *secret_new(size_t len);
/* Wipes and gives back; NULL is fine. */
void secret_free(void *secret);

/* Makes the process undumpable and untraceable by its own user. Called once by main. */
void secret_harden_process(void);

#endif
