/* What is sent: {"type": …, "timestamp": …, "data": the event as clients of GET /v1/events get it}. */
#ifndef TGCALLD_HOOK_BODY_H
#define TGCALLD_HOOK_BODY_H

#include <stdint.h>

#include "daemon/base/buf.h"

/* TYPE is a word of letters, digits, dots and underscores; the timestamp is when it happened. The errors are OUT's. */
int hook_body_put(struct buf *out, const char *type, int64_t received_at, const char *data, size_t len);

#endif
