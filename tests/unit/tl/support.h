/* What the tests of tl share. */
#ifndef TGCALLD_TESTS_TL_SUPPORT_H
#define TGCALLD_TESTS_TL_SUPPORT_H

#include "daemon/tl/schema.h"

/* A shipped schema: "layer-138", "layer-229" or "mtproto"; loaded once a process, never freed by the caller. */
const struct tl_schema *shipped(const char *name);
/* Its path. */
const char *shipped_path(const char *name);

/* A schema from text in the test, or the test fails. */
struct tl_schema *schema_of(const char *text);

#endif
