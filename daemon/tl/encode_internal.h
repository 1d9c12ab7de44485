/* The parts of the encoder. All return 0 or a negative error with FAULT set; errors of OUT stick in it and are told at
 * the end. */
#ifndef TGCALLD_TL_ENCODE_INTERNAL_H
#define TGCALLD_TL_ENCODE_INTERNAL_H

#include "daemon/tl/encode.h"

/* encode_scalar.c: VALUE as a number, text, bytes or truth of KIND. */
int tl_encode_scalar(enum tl_kind kind, const json_t *value, struct buf *out, struct fault *fault) TGC_MUST;

/* A decimal string or an integer as 64 bits. */
int tl_encode_read_long(const json_t *value, int64_t *ret, struct fault *fault) TGC_MUST;

/* visit_peers.c: the combinator of an object that stands for EXPR; NULL: it is none, or names none of the schema's. */
const struct tl_comb *tl_comb_of_value(const struct tl_schema *schema, const struct tl_expr *expr, const json_t *value);

#endif
