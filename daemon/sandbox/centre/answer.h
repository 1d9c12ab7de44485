/* What a query is answered with, as bytes. */
#ifndef TGCALLD_SANDBOX_CENTRE_ANSWER_H
#define TGCALLD_SANDBOX_CENTRE_ANSWER_H

#include "daemon/sandbox/centre/invocation.h"

/* ANSWER in the client's layer; an error where that cannot express it. */
void answer_put(struct invocation *v, json_t *answer);
/* The rpc_error that is set. */
void answer_put_error(struct invocation *v);
/* rpc_result around it, gzipped where a rule or the options want it. */
int answer_wrap(struct invocation *v, struct buf *out) TGC_MUST;

#endif
