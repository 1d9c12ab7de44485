/* A page of the event log as its row has it: packed events (event_pack.h), squeezed (event_squeeze.h) and sealed. The
 * store's thread. */
#ifndef TGCALLD_STORE_EVENT_PAGE_H
#define TGCALLD_STORE_EVENT_PAGE_H

#include "daemon/base/buf.h"
#include "daemon/store/event_pack.h"
#include "daemon/store/store_internal.h"

/* What row ID is to have, in SEALED; SQUEEZED is room for what is between. */
int event_page_seal(struct store *s, int64_t id, const struct buf *page, struct buf *squeezed, struct buf *sealed,
                    struct fault *fault) TGC_MUST;
/* What row ID's SEALED has to be read, in PAGE or UNPACKED. */
int event_page_open(struct store *s, int64_t id, const uint8_t *sealed, size_t len, struct buf *page,
                    struct buf *unpacked, struct event_pack *ret, struct fault *fault) TGC_MUST;

#endif
