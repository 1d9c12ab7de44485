/* What schema.c, link.c and the hot paths (walk, encode) know of a loaded schema. */
#ifndef TGCALLD_TL_SCHEMA_INTERNAL_H
#define TGCALLD_TL_SCHEMA_INTERNAL_H

#include "daemon/tl/arena.h"
#include "daemon/tl/names.h"
#include "daemon/tl/parse.h"
#include "daemon/tl/schema.h"

struct tl_schema {
    struct tl_arena arena; /* owns all below */
    int layer;
    const char *name;
    struct tl_comb *combs; /* constructors first */
    size_t combs_n, constructors_n;
    struct tl_type *types;
    size_t types_n;
    struct tl_names constructor_names, method_names, type_names;
    struct tl_ids constructor_ids, method_ids;
};

/* link.c: the tables of SCHEMA (empty but for its arena) from RAW. TGC_EEXIST, TGC_EUNKNOWN, TGC_ESYNTAX,
 * TGC_ENOMEM. */
int tl_link(struct tl_schema *schema, const struct tl_raw *raw, struct fault *fault) TGC_MUST;

/* link_expr.c: RAW's type number TYPE, in a declaration whose type variable is VARIABLE. Combinators and types of
 * SCHEMA have their names already. */
int tl_link_expr(struct tl_schema *schema, const struct tl_raw *raw, uint32_t type, struct tl_slice variable,
                 struct tl_expr *ret_expr, struct fault *fault) TGC_MUST;

/* link_params.c: all parameters of all combinators; RAW_OF[i] is where combinator i comes from. */
int tl_link_params(struct tl_schema *schema, const struct tl_raw *raw, const struct tl_raw_comb *const *raw_of,
                   struct fault *fault) TGC_MUST;

/* Whether the last part of a name ("a.b.Name") begins with a capital: a boxed type. */
bool tl_is_type_name(struct tl_slice name);

#endif
