/* A page of events, or of the audit, in fewer bytes, before it is sealed: what the disk takes is what a put costs, and
 * events of one log are much alike. By LZ4, whose only home this is; without I/O. For the files of this room.
 *
 * A page begins with the id of its first event (the audit's with a time), which is above 0. One that is squeezed begins
 * with 8 bytes below 0, little-endian: how many it unpacks to, negated; an LZ4 block follows. Both stand beside each
 * other for ever. */
#ifndef TGCALLD_STORE_EVENT_SQUEEZE_H
#define TGCALLD_STORE_EVENT_SQUEEZE_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/store/event_pack.h"

/* PAGE, squeezed into OUT in place of what that held; PAGE itself where that would be no shorter, or memory is short.
 */
const struct buf *event_squeeze(const struct buf *page, struct buf *out);

/* What there is to be read in PAGE, in either form. It points into PAGE or into UNPACKED, in place of what that held.
 * TGC_EDAMAGED: it unpacks to nothing, or to more than LIMIT_STORE_VALUE; TGC_ENOMEM. */
int event_unsqueeze(const struct buf *page, struct buf *unpacked, struct event_pack *ret) TGC_MUST;

#endif
