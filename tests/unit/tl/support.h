/* What the tests of tl share. */
#ifndef TGCALLD_TESTS_TL_SUPPORT_H
#define TGCALLD_TESTS_TL_SUPPORT_H

#include <jansson.h>

#include "daemon/base/buf.h"
#include "daemon/tl/encode.h"
#include "daemon/tl/schema.h"
#include "daemon/tl/text.h"
#include "daemon/tl/tree.h"
#include "tests/support/shipped.h"

/* A schema from text in the test, or the test fails. */
struct tl_schema *schema_of(const char *text);

/* JSON text (with ' for ") → a value, or the test fails. */
json_t *json_of(const char *text);

/* The strings of an array joined: hex written one field a string. Freed by the caller. */
char *joined_hex(const json_t *array);

/* An enum tgc_err by its name ("TGC_EINVAL"), or the test fails. */
int err_by_name(const char *name);

/* OBJECT (its `_` names a method or a constructor) encoded strictly into OUT, or the test fails with WHAT. */
void encode_any(const struct tl_schema *s, const json_t *object, const char *what, struct buf *out);
/* The bytes of a call or of an object as a tree; and as text, parsed: both must say the same. */
json_t *decode_any(const struct tl_schema *s, bool is_method, const void *data, size_t len, const char *what);

#endif
