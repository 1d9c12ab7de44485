/* All workers as those see them who have something for one: where each takes its jobs, and who drives what. Filled
 * before the first job, unchanged afterwards. */
#ifndef TGCALLD_BRIDGE_WORKERS_H
#define TGCALLD_BRIDGE_WORKERS_H

#include <stddef.h>

#include "daemon/bridge/directory.h"
#include "daemon/bridge/mailbox.h"

enum { WORKERS_MAX = 64 };

struct workers {
    struct directory *directory;
    struct mailbox *mailboxes[WORKERS_MAX];
    size_t n;
};

#endif
