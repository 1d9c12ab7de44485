/* Answers that leave later (the delay fault): they find their session again by its ids, which may be gone by then. */
#ifndef TGCALLD_SANDBOX_LATER_H
#define TGCALLD_SANDBOX_LATER_H

#include "daemon/base/buf.h"
#include "daemon/sandbox/session.h"

/* Takes the bytes of BODY: the answer to REQUEST, in MS milliseconds. */
void later_send(struct session *ss, struct buf *body, uint64_t request, uint64_t ms);

#endif
