/* What the daemon itself asks of a layer: the methods it calls and the constructors it reads, with the fields and types
 * that it relies on. A schema that can be read may still be one that no login could be made with. */
#ifndef TGCALLD_TG_NEEDS_H
#define TGCALLD_TG_NEEDS_H

#include <stdbool.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/tl/schema.h"

/* TGC_EPROTO: FAULT names what is missing or of another type, the first few and how many there are. */
int tg_needs_check(const struct tl_schema *schema, struct fault *fault) TGC_MUST;

/* Whether a method, or else a constructor, of that name is one of them. */
bool tg_needs_has(const char *name, bool is_method);

#endif
