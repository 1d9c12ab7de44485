/* What goes in front of a session's first queries: invokeWithLayer and initConnection up to their query, by the tables
 * of the layer in use. */
#ifndef TGCALLD_TG_INIT_PREFIX_H
#define TGCALLD_TG_INIT_PREFIX_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/tg/env.h"

int tg_init_prefix(const struct tg_env *env, struct buf *out) TGC_MUST;

#endif
