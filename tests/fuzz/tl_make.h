/* Queries by the schema: an input's bytes choose the method, the constructors and the values, and much of what is
 * chosen means something in the sandbox's world. */
#ifndef TGCALLD_TESTS_FUZZ_TL_MAKE_H
#define TGCALLD_TESTS_FUZZ_TL_MAKE_H

#include "daemon/sandbox/rpc/rpc.h"
#include "tests/fuzz/fuzz.h"

struct tl_maker {
    const struct tl_schema *schema;
    struct feed *f;
    struct buf *out;
    struct world *w;         /* NULL: values mean nothing in particular */
    struct account *account; /* who asks; NULL: nobody is known */
    unsigned values;         /* 0 at first */
};

/* A method that the sandbox serves, by two bytes of the input; where the layer lacks it, help.getConfig. */
const struct tl_comb *tl_make_served(struct tl_maker *m);
/* Any method of the layer, by two bytes. */
const struct tl_comb *tl_make_any(struct tl_maker *m);
/* Appends the call of METHOD. */
void tl_make_call(struct tl_maker *m, const struct tl_comb *method);
/* Appends an answer to METHOD. */
void tl_make_result(struct tl_maker *m, const struct tl_comb *method);
/* Appends invokeWithLayer and initConnection, for what follows. */
void tl_make_init(struct tl_maker *m, int layer);

#endif
