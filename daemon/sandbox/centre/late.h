/* Answers that leave later (the delay fault): they find their session again by its ids, which may be gone by then. */
#ifndef TGCALLD_SANDBOX_CENTRE_LATE_H
#define TGCALLD_SANDBOX_CENTRE_LATE_H

#include "daemon/base/buf.h"
#include "daemon/sandbox/centre/session.h"

/* Takes the bytes of BODY: the answer to REQUEST, in MS milliseconds. */
void late_send(struct session *ss, struct buf *body, uint64_t request, uint64_t ms);

/* When the next one leaves, by the monotonic clock; INT64_MAX: there is none. */
int64_t late_deadline_us(const struct centres *s);
/* Those whose time has come leave. */
void late_tick(struct centres *s, int64_t now_us);
void late_fini(struct centres *s);

#endif
