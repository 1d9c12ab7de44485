/* The store could not write or read what a request is about → the problem that says so. The worker's thread. */
#ifndef TGCALLD_WORKER_OP_UNKEPT_H
#define TGCALLD_WORKER_OP_UNKEPT_H

#include "daemon/base/err.h"
#include "daemon/bridge/problem.h"

struct op_unkept {
    int err;           /* the store's */
    const char *why;   /* it, as the store said it; NULL: ERR's own text */
    const char *state; /* how things are now, a sentence; NULL */
    const char *mend;  /* what to do about a disk; NULL: to look at the state directory */
};

/* FORMAT is what could not be done, to which WHY is added. TGC_EAWAY, a server's database that does not answer, is 503
 * with when to ask again, as it comes back by itself; all else is 500. NULL where memory is gone. */
struct problem *op_unkept(const struct op_unkept *u, const char *format, ...) TGC_PRINTF(2, 3);

#endif
