/* What comes, goes and changes between two TL schemas. */
#ifndef TGCALLD_CTL_SCHEMA_DIFF_H
#define TGCALLD_CTL_SCHEMA_DIFF_H

#include <jansson.h>

#include "daemon/tl/schema.h"

/* An array of {"change": "came", "went" or "changed", "kind": "method" or "constructor", "name", "what", "used"}, in
 * the order of the new one, with what went behind; "what" says of one that changed how, "used" whether the daemon calls
 * it or reads it by name, or it is about group calls. With USED_ALONE the others are left out. NULL: no memory. */
json_t *schema_diff(const struct tl_schema *before, const struct tl_schema *after, bool used_alone);

/* "flags.3?Vector<InputUser>", as a schema writes the type of a parameter of COMB. Cut at SIZE. */
void schema_param_text(const struct tl_comb *comb, const struct tl_param *param, char *out, size_t size);

#endif
