/* Events one after the other in one value, so that a row, its seal and its place in the database are paid for once for
 * many: their bytes alone, without I/O. For the files of this room. */
#ifndef TGCALLD_STORE_EVENT_PACK_H
#define TGCALLD_STORE_EVENT_PACK_H

#include <stdbool.h>

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/store/event.h"

/* A page that is at least so long takes no more. */
enum { EVENT_PACK_BYTES = 64 << 10 };

/* Adds E at the end; OUT's error sticks. */
void event_pack_add(struct buf *out, const struct store_event *e);

/* What of a page was not read yet. */
struct event_pack {
    const uint8_t *at, *end;
};

/* An event as it stands there: its texts point into the page and have no NUL behind them. */
struct event_packed {
    int64_t id, received_at;
    const char *account, *type, *data;
    size_t account_len, type_len, len;
    const uint8_t *bytes; /* all of it */
    size_t bytes_len;
};
/* The next event; *RET_MORE is false where there is none. TGC_EDAMAGED: the bytes are no page. */
int event_pack_next(struct event_pack *p, struct event_packed *ret, bool *ret_more) TGC_MUST;

#endif
