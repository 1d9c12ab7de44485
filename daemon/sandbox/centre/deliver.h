/* An answer on its way out, where faults on demand strike. */
#ifndef TGCALLD_SANDBOX_CENTRE_DELIVER_H
#define TGCALLD_SANDBOX_CENTRE_DELIVER_H

#include "daemon/sandbox/centre/invocation.h"

/* Queues what answers V, or does with it what a rule says. */
void deliver(struct invocation *v);

#endif
