/* Job methods → operations. */
#ifndef TGCALLD_WORKER_DISPATCH_H
#define TGCALLD_WORKER_DISPATCH_H

#include "daemon/worker/op.h"

/* Never NULL for a method of bridge/job.h. */
op_fn *dispatch_find(enum job_method method);

#endif
