/* A webhook goes: at once for whoever reads, and what it was sent in pieces between other work, as that may be hundreds
 * of thousands of rows. The store's thread. */
#ifndef TGCALLD_STORE_HOOK_LEAVE_H
#define TGCALLD_STORE_HOOK_LEAVE_H

#include "daemon/store/store_internal.h"

/* The state of one that is gone, whose row stays until nothing refers to it; its name is free. No caller's. */
enum { STORE_HOOK_GONE = -1 };

/* Within a transaction. What is not there goes too. */
int store_hook_leave(struct store *s, int64_t id, struct fault *fault) TGC_MUST;

/* What the process before did not come to the end of is gone on with. */
int store_hook_sweep_open(struct store *s, struct fault *fault) TGC_MUST;
/* One piece, in a transaction of its own; the store's sweep says whether there is more. What the disk refuses is tried
 * again when it did other work. */
void store_hook_sweep(struct store *s);

#endif
