/* Memory that is wiped whenever a block of it is given back: libcurl and jansson allocate from here, so that no copy
 * that they made of a code, a password, a session or a token outlives its use. */
#ifndef TGCALLD_CTL_WIPED_H
#define TGCALLD_CTL_WIPED_H

#include <stddef.h>

#include "daemon/base/err.h"

/* Hands both libraries these functions; once, before either is used. TGC_ENOMEM. */
int wiped_begin(void) TGC_MUST;

/* For what they return to be freed: json_dumps() above all. NULL is fine. */
void wiped_free(void *block);

#endif
