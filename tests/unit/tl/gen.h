/* Random values of a schema's types, as JSON: every constructor, defined flag bits only, finite doubles, strings that
 * are UTF-8 and strings that are not. The same seed gives the same values. */
#ifndef TGCALLD_TESTS_TL_GEN_H
#define TGCALLD_TESTS_TL_GEN_H

#include <jansson.h>

#include "daemon/base/random.h"
#include "daemon/tl/schema.h"

struct gen {
    const struct tl_schema *schema;
    struct random_seeded seeded;
    struct random_source random;
    unsigned *heights; /* by combinator: how deep its shallowest value is */
    unsigned depth_max;
};

void gen_init(struct gen *g, const struct tl_schema *schema, uint64_t seed);
void gen_fini(struct gen *g);

/* A value of COMB, `_` included; of EXPR. The caller owns it. */
json_t *gen_object(struct gen *g, const struct tl_comb *comb, unsigned depth);
json_t *gen_value(struct gen *g, const struct tl_expr *expr, unsigned depth);

#endif
