#include "daemon/tl/walk.h"

#include "daemon/base/limits.h"
#include "daemon/tl/writer.h"

struct walk {
    const struct tl_schema *schema;
    struct tl_reader *r;
    const struct tl_visitor *v;
    void *ctx;
    struct tl_walk_stats *stats;
    struct fault *fault;
    unsigned depth; /* objects around the current value; vectors nest at most TL_NEST_MAX deep in each */
    uint32_t items;
};

static int walk_value(struct walk *w, const struct tl_expr *expr, const struct tl_param *field);

/* What the reader stumbled over, as a fault. */
static int read_fault(struct walk *w, const struct tl_param *field)
{
    const char *name = field ? field->name : "a value";

    if (w->r->err == TGC_ETRUNCATED)
        return fault_at_offset(w->fault, w->r->err, tl_reader_offset(w->r), "the bytes end inside %s", name);
    return fault_at_offset(w->fault, w->r->err, tl_reader_offset(w->r), "%s is not valid", name);
}

static int unknown_id(struct walk *w, uint32_t id, const char *wanted)
{
    return fault_at_offset(w->fault, TGC_EUNKNOWN, tl_reader_offset(w->r) - 4, "unknown id %08x where %s is wanted",
                           (unsigned)id, wanted);
}

static int count_items(struct walk *w, uint32_t n)
{
    if (n > LIMIT_TL_ITEMS - w->items)
        return fault_at_offset(w->fault, TGC_ELIMIT, tl_reader_offset(w->r), "more than %d items", LIMIT_TL_ITEMS);
    w->items += n;
    return 0;
}

static void count_undefined(struct walk *w, uint32_t bits, uint32_t defined)
{
    if (w->stats && (bits & ~defined))
        w->stats->undefined_flags += (uint64_t)__builtin_popcount(bits & ~defined);
}

static int walk_flags(struct walk *w, const struct tl_comb *comb, const struct tl_param *p, uint32_t *ret)
{
    *ret = tl_read_u32(w->r);
    if (w->r->err)
        return read_fault(w, p);
    count_undefined(w, *ret, comb->flags_defined[p->flag_slot]);
    return 0;
}

static int walk_given(struct walk *w, const struct tl_comb *comb)
{
    const struct tl_given *given = comb->given;
    uint32_t flags;
    int err;

    for (uint64_t left = given->always; left; left &= left - 1) {
        const struct tl_param *p = &comb->params[__builtin_ctzll(left)];
        if (p->expr.kind != TL_FLAGS) {
            if ((err = walk_value(w, &p->expr, p)))
                return err;
            continue;
        }
        if ((err = walk_flags(w, comb, p, &flags)))
            return err;
        for (; flags; flags &= flags - 1)
            for (uint8_t i = given->first[p->flag_slot * 32 + __builtin_ctz(flags)]; i; i = given->next[i])
                left |= UINT64_C(1) << i;
    }
    return 0;
}

static int walk_fields(struct walk *w, const struct tl_comb *comb)
{
    if (comb->has_given)
        return walk_given(w, comb);

    uint32_t flags[TL_FLAG_WORDS_MAX + 1] = {[TL_FLAG_WORDS_MAX] = TL_FLAGS_ALWAYS};
    const uint8_t *when = comb->when, *end = when + comb->params_n;

    for (; when < end; when++) {
        if (!(flags[*when / 32] >> *when % 32 & 1))
            continue;
        const struct tl_param *p = &comb->params[when - comb->when];
        int err = p->expr.kind == TL_FLAGS ? walk_flags(w, comb, p, &flags[p->flag_slot]) : walk_value(w, &p->expr, p);
        if (err)
            return err;
    }
    return 0;
}

static int walk_comb(struct walk *w, const struct tl_comb *comb, const struct tl_param *field)
{
    const struct tl_visitor *v = w->v;
    int err;

    if (w->depth == LIMIT_TL_DEPTH)
        return fault_at_offset(w->fault, TGC_ELIMIT, tl_reader_offset(w->r), "more than %d objects inside each other",
                               LIMIT_TL_DEPTH);
    if ((err = count_items(w, 1)))
        return err;
    err = v->begin_object(w->ctx, field, comb);
    if (err && err != TL_PASS_OVER)
        return err;
    if (err)
        w->v = &tl_pass_over;
    w->depth++;
    if ((err = walk_fields(w, comb)))
        return err;
    w->depth--;
    if (v != w->v) {
        w->v = v;
        return 0;
    }
    return v->end_object(w->ctx);
}

/* A boxed object: of TYPE, or of any type where that is NULL. */
static int walk_boxed(struct walk *w, const struct tl_type *type, const struct tl_param *field)
{
    uint32_t id = tl_read_u32(w->r);

    if (w->r->err)
        return read_fault(w, field);
    const struct tl_comb *comb = tl_find_constructor(w->schema, id);
    if (!comb && !type && (id == TL_ID_BOOL_TRUE || id == TL_ID_BOOL_FALSE))
        return w->v->on_bool(w->ctx, field, id == TL_ID_BOOL_TRUE);
    if (!comb)
        return unknown_id(w, id, type ? type->name : "an object");
    if (type && comb->result.type != type)
        return fault_at_offset(w->fault, TGC_EUNKNOWN, tl_reader_offset(w->r) - 4, "%s, a %s, where %s is wanted",
                               comb->name, comb->result.type->name, type->name);
    return walk_comb(w, comb, field);
}

static int walk_query(struct walk *w, const struct tl_param *field)
{
    uint32_t id = tl_read_u32(w->r);

    if (w->r->err)
        return read_fault(w, field);
    const struct tl_comb *comb = tl_find_method_id(w->schema, id);
    return comb ? walk_comb(w, comb, field) : unknown_id(w, id, "a method");
}

/* The fewest bytes a value can take; 0 where it may take none, and only the limit on items holds. */
static size_t size_min(const struct tl_expr *expr)
{
    switch (expr->kind) {
    case TL_LONG:
    case TL_DOUBLE:
    case TL_VECTOR:
        return 8;
    case TL_INT128:
        return 16;
    case TL_INT256:
        return 32;
    case TL_TRUE:
    case TL_BARE:
        return 0;
    default:
        return 4;
    }
}

static int walk_items(struct walk *w, const struct tl_expr *item, uint32_t n)
{
    int err = 0;

    for (uint32_t i = 0; !err && i < n; i++)
        err = walk_value(w, item, NULL);
    return err;
}

static int pass_over_items(struct walk *w, const struct tl_expr *item, uint32_t n)
{
    const struct tl_visitor *v = w->v;

    if (tl_reader_pass_walked(w->r))
        return 0;
    w->v = &tl_pass_over;
    int err = walk_items(w, item, n);
    w->v = v;
    return err;
}

static void note_walked(struct tl_walk_stats *stats, size_t at, size_t end)
{
    struct tl_walked *walked = &stats->walked;

    if (walked->n == TL_WALKED_MAX || end > UINT32_MAX)
        return;
    walked->list[walked->n].at = (uint32_t)at;
    walked->list[walked->n++].end = (uint32_t)end;
}

static int walk_vector(struct walk *w, const struct tl_expr *expr, const struct tl_param *field)
{
    size_t min = size_min(expr->item);
    uint32_t n = expr->kind == TL_VECTOR ? tl_read_vector(w->r, min) : tl_read_count(w->r, min);
    size_t at = tl_reader_offset(w->r);
    int err;

    if (w->r->err)
        return read_fault(w, field);
    if ((err = count_items(w, n)))
        return err;
    err = w->v->begin_vector(w->ctx, field, n);
    if (err && err != TL_PASS_OVER)
        return err;
    err = err ? pass_over_items(w, expr->item, n) : walk_items(w, expr->item, n);
    if (err)
        return err;
    if (w->stats && w->depth == 1)
        note_walked(w->stats, at, tl_reader_offset(w->r));
    return w->v->end_vector(w->ctx);
}

static int walk_raw(struct walk *w, const struct tl_param *field, size_t len)
{
    const uint8_t *p = tl_read_raw(w->r, len);

    return p ? w->v->on_raw(w->ctx, field, p, len) : read_fault(w, field);
}

static int walk_bytes(struct walk *w, const struct tl_param *field, bool is_string)
{
    size_t len;
    const uint8_t *p = tl_read_bytes(w->r, &len);

    if (!p)
        return read_fault(w, field);
    return is_string ? w->v->on_string(w->ctx, field, p, len) : w->v->on_bytes(w->ctx, field, p, len);
}

static __attribute__((noinline)) int too_short(struct walk *w, const struct tl_param *field)
{
    tl_reader_fail(w->r, TGC_ETRUNCATED);
    return read_fault(w, field);
}

/* The numbers; a value is shown only where it was really read. */
static inline int walk_int(struct walk *w, const struct tl_param *field)
{
    return tl_reader_has(w->r, 4) ? w->v->on_int(w->ctx, field, tl_read_i32(w->r)) : too_short(w, field);
}

static inline int walk_long(struct walk *w, const struct tl_param *field)
{
    return tl_reader_has(w->r, 8) ? w->v->on_long(w->ctx, field, tl_read_i64(w->r)) : too_short(w, field);
}

static int walk_double(struct walk *w, const struct tl_param *field)
{
    double v = tl_read_double(w->r);

    return w->r->err ? read_fault(w, field) : w->v->on_double(w->ctx, field, v);
}

static int walk_bool(struct walk *w, const struct tl_param *field)
{
    bool v = tl_read_bool(w->r);

    return w->r->err ? read_fault(w, field) : w->v->on_bool(w->ctx, field, v);
}

/* What is no int, long or set flag: apart, since those are by far the most and need nothing of the stack. */
static __attribute__((noinline)) int walk_longer(struct walk *w, const struct tl_expr *expr,
                                                 const struct tl_param *field)
{
    switch (expr->kind) {
    case TL_DOUBLE:
        return walk_double(w, field);
    case TL_BOOL:
        return walk_bool(w, field);
    case TL_STRING:
    case TL_BYTES:
        return walk_bytes(w, field, expr->kind == TL_STRING);
    case TL_OBJECT:
        return walk_boxed(w, expr->type, field);
    case TL_ANY:
        return walk_boxed(w, NULL, field);
    case TL_VECTOR:
    case TL_BARE_VECTOR:
        return walk_vector(w, expr, field);
    case TL_INT128:
        return walk_raw(w, field, 16);
    case TL_INT256:
        return walk_raw(w, field, 32);
    case TL_BARE:
        return walk_comb(w, expr->comb, field);
    case TL_QUERY:
        return walk_query(w, field);
    default:
        break;
    }
    return fault_at_offset(w->fault, TGC_EINVAL, tl_reader_offset(w->r), "flags have no value of their own");
}

static int walk_value(struct walk *w, const struct tl_expr *expr, const struct tl_param *field)
{
    switch (expr->kind) {
    case TL_INT:
        return walk_int(w, field);
    case TL_LONG:
        return walk_long(w, field);
    case TL_TRUE:
        return w->v->on_bool(w->ctx, field, true);
    default:
        return walk_longer(w, expr, field);
    }
}

int tl_walk(const struct tl_schema *schema, const struct tl_expr *expr, struct tl_reader *r,
            const struct tl_visitor *visitor, void *ctx, struct tl_walk_stats *stats, struct fault *fault)
{
    struct walk w = {.schema = schema, .r = r, .v = visitor, .ctx = ctx, .stats = stats, .fault = fault};

    return walk_value(&w, expr, NULL);
}

/* One value of EXPR that takes up all the bytes. */
static int walk_whole(const struct tl_schema *schema, const struct tl_expr *expr, const void *data, size_t len,
                      const struct tl_visitor *visitor, void *ctx, struct tl_walk_stats *stats, struct fault *fault)
{
    struct tl_reader r;

    tl_reader_init(&r, data, len);
    int err = tl_walk(schema, expr, &r, visitor, ctx, stats, fault);
    if (!err && tl_reader_left(&r) > 0)
        err = fault_at_offset(fault, TGC_ETRAILING, tl_reader_offset(&r), "%zu bytes follow the value",
                              tl_reader_left(&r));
    return err;
}

int tl_walk_object(const struct tl_schema *schema, const void *data, size_t len, const struct tl_visitor *visitor,
                   void *ctx, struct tl_walk_stats *stats, struct fault *fault)
{
    static const struct tl_expr any = {.kind = TL_ANY};

    return walk_whole(schema, &any, data, len, visitor, ctx, stats, fault);
}

int tl_walk_result(const struct tl_schema *schema, const struct tl_comb *method, const void *data, size_t len,
                   const struct tl_visitor *visitor, void *ctx, struct tl_walk_stats *stats, struct fault *fault)
{
    return walk_whole(schema, &method->result, data, len, visitor, ctx, stats, fault);
}

int tl_walk_call(const struct tl_schema *schema, struct tl_reader *r, const struct tl_visitor *visitor, void *ctx,
                 struct tl_walk_stats *stats, struct fault *fault)
{
    static const struct tl_expr query = {.kind = TL_QUERY};

    return tl_walk(schema, &query, r, visitor, ctx, stats, fault);
}
