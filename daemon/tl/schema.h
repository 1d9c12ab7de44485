/* Schema text → tables. The text is read at start, never generated into code; several layers can be loaded at once. */
#ifndef TGCALLD_TL_SCHEMA_H
#define TGCALLD_TL_SCHEMA_H

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/tl/model.h"

struct tl_schema;

/* Reads TEXT (at most LIMIT_SCHEMA_TEXT). The layer comes from its `// LAYER N` line (0 where it has none). NAME is for
 * messages. Errors, with line and column in FAULT: TGC_ESYNTAX, TGC_EEXIST (an id or name twice), TGC_EUNKNOWN (a type
 * that nothing constructs), TGC_ELIMIT, TGC_ENOMEM. `vector`, `int ? = Int` lines and their kin are known by heart and
 * skipped. An id that is not the CRC32 of its line is no error: see tl_schema_mismatches(). A line without #id gets the
 * CRC32. */
int tl_schema_parse(const char *text, size_t len, const char *name, struct tl_schema **ret,
                    struct fault *fault) TGC_MUST;
/* The same from a file. TGC_EIO where it cannot be read. */
int tl_schema_read(const char *path, struct tl_schema **ret, struct fault *fault) TGC_MUST;
void tl_schema_free(struct tl_schema *schema);

int tl_schema_layer(const struct tl_schema *schema);
const char *tl_schema_name(const struct tl_schema *schema);
/* Bytes the tables take. */
size_t tl_schema_size(const struct tl_schema *schema);

/* Look-ups by what is on the wire and by name; NULL where there is none. Names are exact. */
const struct tl_comb *tl_find_constructor(const struct tl_schema *schema, uint32_t id);
const struct tl_comb *tl_find_method_id(const struct tl_schema *schema, uint32_t id);
const struct tl_comb *tl_find_constructor_name(const struct tl_schema *schema, const char *name);
const struct tl_comb *tl_find_method(const struct tl_schema *schema, const char *name);
const struct tl_type *tl_find_type(const struct tl_schema *schema, const char *name);

/* All combinators in the order of the text, constructors first. */
const struct tl_comb *tl_schema_combs(const struct tl_schema *schema, size_t *ret_n);

/* How many lines have an id that is not their CRC32; the first of them in *RET_FIRST (may be NULL). */
size_t tl_schema_mismatches(const struct tl_schema *schema, const struct tl_comb **ret_first);

#endif
