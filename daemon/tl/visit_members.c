#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tl/encode_internal.h"

/* Where the walk is: a member NAME, or an item where that is NULL. */
struct place {
    const struct place *outer;
    const char *name;
    size_t index;
};

struct members_visit {
    const struct tl_schema *schema;
    tl_member_visit *visit;
    void *ctx;
    unsigned depth;
};

/* Of member NAME of what is AT. */
static int TGC_PRINTF(5, 6)
    tell(struct members_visit *v, const struct place *at, const char *name, int err, const char *format, ...)
{
    char text[FAULT_TEXT_MAX];
    struct fault fault = {0};
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    (void)fault_set(&fault, err, "%s", text);
    fault_path_member(&fault, name);
    for (; at; at = at->outer)
        if (at->name)
            fault_path_member(&fault, at->name);
        else
            fault_path_index(&fault, at->index);
    return v->visit(v->ctx, &fault);
}

static bool has_param(const struct tl_comb *comb, const char *name)
{
    for (unsigned i = 0; i < comb->params_n; i++)
        if (comb->params[i].expr.kind != TL_FLAGS && strcmp(comb->params[i].name, name) == 0)
            return true;
    return false;
}

static bool is_given(const json_t *object, const struct tl_param *field)
{
    const json_t *value = json_object_get(object, field->name);

    return field->expr.kind == TL_TRUE ? json_is_true(value) : value && !json_is_null(value);
}

/* The field that makes FIELD, which is not given, a part of what is; NULL. */
static const struct tl_param *partner(const struct tl_comb *comb, const json_t *object, const struct tl_param *field)
{
    for (unsigned i = 0; field->shares_flag && i < comb->params_n; i++) {
        const struct tl_param *p = &comb->params[i];
        if (p->flag_word == field->flag_word && p->flag_bit == field->flag_bit && is_given(object, p))
            return p;
    }
    return NULL;
}

static int visit_unknown(struct members_visit *v, const struct tl_comb *comb, const json_t *object,
                         const struct place *at)
{
    const char *name;
    json_t *value;
    int err;

    json_object_foreach ((json_t *)(uintptr_t)object, name, value) {
        if (strcmp(name, "_") == 0 || has_param(comb, name))
            continue;
        err = tell(v, at, name, TGC_EUNKNOWN, "%s has no such member", comb->name);
        if (err)
            return err;
    }
    return 0;
}

static int visit_absent(struct members_visit *v, const struct tl_comb *comb, const json_t *object,
                        const struct tl_param *field, const struct place *at)
{
    const struct tl_param *other;

    if (field->expr.kind == TL_FLAGS)
        return 0;
    if (field->flag_word < 0)
        return tell(v, at, field->name, TGC_EINVAL,
                    json_object_get(object, field->name) ? "cannot be null" : "is missing");
    other = partner(comb, object, field);
    return other ? tell(v, at, field->name, TGC_EINVAL, "is given together with %s or not at all", other->name) : 0;
}

static int visit_fields(struct members_visit *v, const struct tl_comb *comb, const json_t *object,
                        const struct place *at);

static int visit_value(struct members_visit *v, const struct tl_expr *expr, const json_t *value, const struct place *at)
{
    if (expr->kind == TL_VECTOR || expr->kind == TL_BARE_VECTOR) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            struct place item = {at, NULL, i};
            int err = visit_value(v, expr->item, json_array_get(value, i), &item);
            if (err)
                return err;
        }
        return 0;
    }
    if (expr->kind == TL_OBJECT && json_is_object(value) && !json_object_get(value, "_"))
        return tell(v, at, "_", TGC_EINVAL, "must name a constructor of %s", expr->type->name);
    const struct tl_comb *comb = tl_comb_of_value(v->schema, expr, value);
    return comb ? visit_fields(v, comb, value, at) : 0;
}

static int visit_fields(struct members_visit *v, const struct tl_comb *comb, const json_t *object,
                        const struct place *at)
{
    /* What lies deeper is refused by the encoder. */
    if (v->depth == LIMIT_TL_DEPTH)
        return 0;
    int err = visit_unknown(v, comb, object, at);
    v->depth++;
    for (unsigned i = 0; !err && i < comb->params_n; i++) {
        const struct tl_param *p = &comb->params[i];
        struct place inner = {at, p->name, 0};
        if (!is_given(object, p))
            err = visit_absent(v, comb, object, p, at);
        else if (p->expr.kind == TL_OBJECT || p->expr.kind >= TL_BARE)
            err = visit_value(v, &p->expr, json_object_get(object, p->name), &inner);
    }
    v->depth--;
    return err;
}

int tl_visit_members(const struct tl_schema *schema, const struct tl_comb *method, const json_t *params,
                     tl_member_visit *visit, void *ctx)
{
    struct members_visit v = {.schema = schema, .visit = visit, .ctx = ctx};

    return visit_fields(&v, method, params, NULL);
}
