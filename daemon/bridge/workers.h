/* All workers as those see them who have something for one: where each takes its jobs, and who drives what. Filled
 * before the first job, unchanged afterwards but for where the accounts are. Any thread. */
#ifndef TGCALLD_BRIDGE_WORKERS_H
#define TGCALLD_BRIDGE_WORKERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "daemon/bridge/directory.h"
#include "daemon/bridge/mailbox.h"

enum { WORKERS_MAX = 64 };

struct workers {
    struct directory *directory;
    struct mailbox *mailboxes[WORKERS_MAX];
    size_t n;
    struct mailbox *elsewhere; /* of what is asked of another node, where there are several; NULL */
    atomic_bool is_elsewhere;  /* the accounts are: until they are here */
};

/* Whose JOB is: the worker's that choose_worker() finds, or another node's. */
int workers_choose(const struct workers *w, struct job *job, struct mailbox **ret,
                   struct problem **ret_problem) TGC_MUST;
/* Whether the accounts, and all that hangs on them, are another node's at this moment: the directory knows nothing. */
static inline bool workers_are_elsewhere(const struct workers *w)
{
    return atomic_load_explicit(&w->is_elsewhere, memory_order_acquire);
}

#endif
