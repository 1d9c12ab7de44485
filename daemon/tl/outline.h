/* What a schema's methods and their parameters are called, apart from its tables: a tenth of them, for a layer that is
 * not spoken but known. Immutable, shared by all threads. */
#ifndef TGCALLD_TL_OUTLINE_H
#define TGCALLD_TL_OUTLINE_H

#include <stdbool.h>

#include "daemon/base/err.h"
#include "daemon/tl/schema.h"

struct tl_outline;

/* Of SCHEMA, which may be freed afterwards. TGC_ENOMEM. */
int tl_outline_new(const struct tl_schema *schema, struct tl_outline **ret) TGC_MUST;
void tl_outline_free(struct tl_outline *o);

int tl_outline_layer(const struct tl_outline *o);
/* Names are exact. A flags word is no parameter. */
bool tl_outline_has_method(const struct tl_outline *o, const char *method);
bool tl_outline_has_param(const struct tl_outline *o, const char *method, const char *param);

#endif
