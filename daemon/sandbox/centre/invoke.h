/* From a query's bytes to its answer's: unwrap, find the method in the client's layer, decode, run, encode; faults on
 * demand strike in between. */
#ifndef TGCALLD_SANDBOX_CENTRE_INVOKE_H
#define TGCALLD_SANDBOX_CENTRE_INVOKE_H

#include "daemon/sandbox/centre/session.h"

/* Runs a query and queues its answer. */
void invoke(struct session *ss, const struct mt_message *m);

#endif
