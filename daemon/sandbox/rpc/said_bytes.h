/* What is said, as TL bytes of a layer: members that its constructors lack are left out. */
#ifndef TGCALLD_SANDBOX_RPC_SAID_BYTES_H
#define TGCALLD_SANDBOX_RPC_SAID_BYTES_H

#include "daemon/base/buf.h"
#include "daemon/base/fault.h"
#include "daemon/sandbox/world/said.h"
#include "daemon/tl/schema.h"

/* O, boxed. TGC_EUNKNOWN: the layer lacks a constructor, or what O needs (only_with); TGC_EINVAL: a member that it
 * needs is not said, or is of another type; TGC_ENOMEM, TGC_ELIMIT. OUT keeps what was put before an error. */
int said_bytes(const struct tl_schema *schema, const struct telling *o, struct buf *out, struct fault *fault) TGC_MUST;

#endif
