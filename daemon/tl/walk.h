/* TL bytes → a visitor, by the tables of a schema. Foreign bytes: every count is held against what is left, depth and
 * items are bounded, and nothing is believed. */
#ifndef TGCALLD_TL_WALK_H
#define TGCALLD_TL_WALK_H

#include "daemon/base/fault.h"
#include "daemon/tl/reader.h"
#include "daemon/tl/schema.h"

enum { TL_PASS_OVER = 1 };

/* Called in the order of the bytes. FIELD is the parameter whose value comes next, NULL for a vector's item or the
 * root. A non-zero return ends the walk and is returned. Strings are borrowed and may hold any bytes. All are set. */
struct tl_visitor {
    /* TL_PASS_OVER ends nothing: no more of the object is shown, nor its end. Of a vector, no item is; its end is. */
    int (*begin_object)(void *ctx, const struct tl_param *field, const struct tl_comb *comb);
    int (*end_object)(void *ctx);
    int (*begin_vector)(void *ctx, const struct tl_param *field, uint32_t count);
    int (*end_vector)(void *ctx);
    int (*on_int)(void *ctx, const struct tl_param *field, int32_t v);
    int (*on_long)(void *ctx, const struct tl_param *field, int64_t v);
    int (*on_double)(void *ctx, const struct tl_param *field, double v);
    int (*on_bool)(void *ctx, const struct tl_param *field, bool v); /* Bool; and flags.N?true that is set */
    int (*on_raw)(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len); /* int128, int256 */
    int (*on_bytes)(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len);
    int (*on_string)(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len);
};

/* Looks at nothing: to step over values, which are held to the same rules as others. Its CTX may be anything. */
extern const struct tl_visitor tl_pass_over;

struct tl_walk_stats {
    uint64_t undefined_flags; /* bits set that the constructor does not define: ignored and counted */
    struct tl_walked walked;  /* of one walk: the items of the first vectors that stand right in the root object */
};

/* One value of type EXPR from R, which then stands behind it. Faults (FAULT->offset): TGC_ETRUNCATED, TGC_EUNKNOWN (an
 * id that the schema lacks or that is of another type), TGC_EINVAL, TGC_ELIMIT. STATS may be NULL. */
int tl_walk(const struct tl_schema *schema, const struct tl_expr *expr, struct tl_reader *r,
            const struct tl_visitor *visitor, void *ctx, struct tl_walk_stats *stats, struct fault *fault) TGC_MUST;

/* A boxed object of any type; the same, and TGC_ETRAILING where bytes follow it. */
int tl_walk_object(const struct tl_schema *schema, const void *data, size_t len, const struct tl_visitor *visitor,
                   void *ctx, struct tl_walk_stats *stats, struct fault *fault) TGC_MUST;

/* What METHOD answered (Bool, a vector, an object…); exactly these bytes. */
int tl_walk_result(const struct tl_schema *schema, const struct tl_comb *method, const void *data, size_t len,
                   const struct tl_visitor *visitor, void *ctx, struct tl_walk_stats *stats,
                   struct fault *fault) TGC_MUST;

/* A method's call, its id in front (what a server reads); a !X parameter is walked as an object too. R then stands
 * behind it. */
int tl_walk_call(const struct tl_schema *schema, struct tl_reader *r, const struct tl_visitor *visitor, void *ctx,
                 struct tl_walk_stats *stats, struct fault *fault) TGC_MUST;

#endif
