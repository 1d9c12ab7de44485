/* The users and chats that come along with updates, as text: made once for all updates of a container, of which each is
 * given those that it names. The worker's thread. */
#ifndef TGCALLD_WORKER_TELL_BESIDE_H
#define TGCALLD_WORKER_TELL_BESIDE_H

#include "daemon/base/buf.h"
#include "daemon/tg/listener.h"
#include "daemon/tl/schema.h"

struct tell_beside;

/* SCHEMA (the layer that is spoken) is borrowed. */
int tell_beside_new(const struct tl_schema *schema, struct tell_beside **ret) TGC_MUST;
/* NULL is fine. */
void tell_beside_free(struct tell_beside *b);

/* Adds to an object's text `,"users":[…]` and `,"chats":[…]`: of what came with UPDATE those whose id stands anywhere
 * in it. A list of nobody is left out; both are where memory, or OUT's room less a byte for the object's end, does not
 * suffice. */
void tell_beside_put(struct tell_beside *b, const struct tg_update *update, struct buf *out);

#endif
