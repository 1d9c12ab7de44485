#include "daemon/tl/encode_internal.h"

#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/tl/writer.h"

struct encode {
    const struct tl_schema *schema;
    enum tl_encode_mode mode;
    struct buf *out;
    struct fault *fault;
    unsigned depth;
};

static int encode_value(struct encode *e, const struct tl_expr *expr, const json_t *value);

/* A fault about member NAME. */
#define member_fault(e, name, err, ...)                                                                                \
    (fault_set((e)->fault, err, __VA_ARGS__), fault_path_member((e)->fault, name), (err))

/* FIELD's value; null stands for nothing where the field is optional. */
static const json_t *find_value(const json_t *object, const struct tl_param *field)
{
    const json_t *value = json_object_get(object, field->name);

    return field->flag_word >= 0 && value && json_is_null(value) ? NULL : value;
}

static const struct tl_param *find_param(const struct tl_comb *comb, const char *name)
{
    for (unsigned i = 0; i < comb->params_n; i++)
        if (comb->params[i].expr.kind != TL_FLAGS && strcmp(comb->params[i].name, name) == 0)
            return &comb->params[i];
    return NULL;
}

static int check_members(struct encode *e, const struct tl_comb *comb, const json_t *object)
{
    const char *name;
    json_t *value;

    if (e->mode == TL_ENCODE_LENIENT)
        return 0;
    json_object_foreach ((json_t *)object, name, value) {
        if (strcmp(name, "_") != 0 && !find_param(comb, name))
            return member_fault(e, name, TGC_EUNKNOWN, "%s has no such member", comb->name);
    }
    return 0;
}

/* A member that is wrongly spelt makes its right name missing: the first is the better thing to say. */
static int missing(struct encode *e, const struct tl_comb *comb, const json_t *object, const struct tl_param *field)
{
    int err = check_members(e, comb, object);
    if (err)
        return err;
    return member_fault(e, field->name, TGC_EINVAL,
                        json_object_get(object, field->name) ? "cannot be null" : "is missing");
}

/* Whether an optional field is there. */
static int is_given(struct encode *e, const json_t *object, const struct tl_param *field, bool *ret)
{
    const json_t *value = find_value(object, field);

    if (value && field->expr.kind == TL_TRUE && !json_is_boolean(value))
        return member_fault(e, field->name, TGC_EINVAL, "wants true or false");
    *ret = field->expr.kind == TL_TRUE ? json_is_true(value) : value != NULL;
    return 0;
}

/* The bits that follow from the fields that are there. */
static int collect_flags(struct encode *e, const struct tl_comb *comb, const json_t *object, uint32_t *flags)
{
    for (unsigned i = 0; i < comb->params_n; i++) {
        const struct tl_param *p = &comb->params[i];
        bool given;
        if (p->flag_word < 0)
            continue;
        int err = is_given(e, object, p, &given);
        if (err)
            return err;
        if (given)
            flags[p->flag_slot] |= 1u << p->flag_bit;
    }
    return 0;
}

/* The bit is set: every field that shares it must be there. */
static int check_group(struct encode *e, const struct tl_comb *comb, const json_t *object, const struct tl_param *field)
{
    bool given;
    int err = is_given(e, object, field, &given);

    if (err || given)
        return err;
    if ((err = check_members(e, comb, object)))
        return err;
    for (unsigned i = 0; i < comb->params_n; i++) {
        const struct tl_param *p = &comb->params[i];
        if (p->flag_word != field->flag_word || p->flag_bit != field->flag_bit || is_given(e, object, p, &given) ||
            !given)
            continue;
        return member_fault(e, field->name, TGC_EINVAL, "is given together with %s or not at all", p->name);
    }
    return member_fault(e, field->name, TGC_EINVAL, "is missing");
}

static int encode_field(struct encode *e, const struct tl_comb *comb, const json_t *object,
                        const struct tl_param *field, const uint32_t *flags)
{
    if (field->expr.kind == TL_FLAGS) {
        tl_write_u32(e->out, flags[field->flag_slot]);
        return 0;
    }
    if (field->flag_word >= 0) {
        if (!(flags[field->flag_slot] >> field->flag_bit & 1))
            return 0;
        int err = field->shares_flag ? check_group(e, comb, object, field) : 0;
        if (err || field->expr.kind == TL_TRUE)
            return err;
    }
    const json_t *value = find_value(object, field);
    if (!value || json_is_null(value))
        return missing(e, comb, object, field);
    int err = encode_value(e, &field->expr, value);
    if (err)
        fault_path_member(e->fault, field->name);
    return err;
}

static int encode_fields(struct encode *e, const struct tl_comb *comb, const json_t *object)
{
    uint32_t flags[TL_FLAG_WORDS_MAX] = {0};

    if (e->depth == LIMIT_TL_DEPTH)
        return fault_set(e->fault, TGC_ELIMIT, "more than %d objects inside each other", LIMIT_TL_DEPTH);
    int err = comb->flag_words_n ? collect_flags(e, comb, object, flags) : 0;
    e->depth++;
    for (unsigned i = 0; !err && i < comb->params_n; i++)
        err = encode_field(e, comb, object, &comb->params[i], flags);
    e->depth--;
    return err ? err : check_members(e, comb, object);
}

/* The combinator that OBJECT's `_` names. */
static int find_comb(struct encode *e, const json_t *object, bool is_query, const char *wanted,
                     const struct tl_comb **ret)
{
    if (!json_is_object(object))
        return fault_set(e->fault, TGC_EINVAL, "wants an object (%s)", wanted);
    const json_t *name = json_object_get(object, "_");
    if (!json_is_string(name))
        return member_fault(e, "_", TGC_EINVAL, "must name a constructor of %s", wanted);
    const char *text = json_string_value(name);
    *ret = is_query ? tl_find_method(e->schema, text) : tl_find_constructor_name(e->schema, text);
    if (!*ret || strlen(text) != json_string_length(name))
        return member_fault(e, "_", TGC_EUNKNOWN, "layer %d has no %s '%s'", tl_schema_layer(e->schema),
                            is_query ? "method" : "constructor", text);
    return 0;
}

/* A boxed object: of TYPE, or of any where that is NULL. */
static int encode_boxed(struct encode *e, const struct tl_type *type, bool is_query, const json_t *value)
{
    const struct tl_comb *comb = NULL;

    int err = find_comb(e, value, is_query, type ? type->name : is_query ? "a method" : "any type", &comb);
    if (err)
        return err;
    if (type && comb->result.type != type)
        return member_fault(e, "_", TGC_EINVAL, "%s is a %s, not a %s", comb->name, comb->result.type->name,
                            type->name);
    tl_write_u32(e->out, comb->id);
    return encode_fields(e, comb, value);
}

/* `_` may be left out where only one combinator can stand. */
static int check_name(struct encode *e, const struct tl_comb *comb, const json_t *object)
{
    if (!json_is_object(object))
        return fault_set(e->fault, TGC_EINVAL, "wants an object (%s)", comb->name);
    const json_t *name = json_object_get(object, "_");
    if (name && (!json_is_string(name) || strcmp(json_string_value(name), comb->name) != 0))
        return member_fault(e, "_", TGC_EINVAL, "can only be %s here", comb->name);
    return 0;
}

static int encode_bare(struct encode *e, const struct tl_comb *comb, const json_t *value)
{
    int err = check_name(e, comb, value);

    return err ? err : encode_fields(e, comb, value);
}

static int encode_vector(struct encode *e, const struct tl_expr *expr, const json_t *value)
{
    if (!json_is_array(value))
        return fault_set(e->fault, TGC_EINVAL, "wants an array");
    size_t n = json_array_size(value);
    if (n > LIMIT_TL_ITEMS)
        return fault_set(e->fault, TGC_ELIMIT, "more than %d items", LIMIT_TL_ITEMS);
    if (expr->kind == TL_VECTOR)
        tl_write_u32(e->out, TL_ID_VECTOR);
    tl_write_u32(e->out, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        int err = encode_value(e, expr->item, json_array_get(value, i));
        if (err) {
            fault_path_index(e->fault, i);
            return err;
        }
    }
    return 0;
}

static int encode_value(struct encode *e, const struct tl_expr *expr, const json_t *value)
{
    int err;

    switch (expr->kind) {
    case TL_OBJECT:
        err = encode_boxed(e, expr->type, false, value);
        break;
    case TL_ANY:
        err = json_is_boolean(value) ? tl_encode_scalar(TL_BOOL, value, e->out, e->fault)
                                     : encode_boxed(e, NULL, false, value);
        break;
    case TL_QUERY:
        err = encode_boxed(e, NULL, true, value);
        break;
    case TL_BARE:
        err = encode_bare(e, expr->comb, value);
        break;
    case TL_VECTOR:
    case TL_BARE_VECTOR:
        err = encode_vector(e, expr, value);
        break;
    default:
        err = tl_encode_scalar(expr->kind, value, e->out, e->fault);
    }
    if (!err && buf_err(e->out))
        err = fault_set(e->fault, buf_err(e->out),
                        buf_err(e->out) == TGC_ELIMIT ? "the whole is too large" : "out of memory");
    return err;
}

int tl_encode_method(const struct tl_schema *schema, const struct tl_comb *method, const json_t *params,
                     enum tl_encode_mode mode, struct buf *out, struct fault *fault)
{
    struct encode e = {.schema = schema, .mode = mode, .out = out, .fault = fault};

    /* The path is built by prepending: nothing old may be in it. */
    fault_clear(fault);
    int err = check_name(&e, method, params);
    if (err)
        return err;
    tl_write_u32(out, method->id);
    err = encode_fields(&e, method, params);
    if (!err && buf_err(out))
        err = fault_set(fault, buf_err(out), "%s: %s", method->name, tgc_err_text(buf_err(out)));
    return err;
}

int tl_encode_value(const struct tl_schema *schema, const struct tl_expr *expr, const json_t *value,
                    enum tl_encode_mode mode, struct buf *out, struct fault *fault)
{
    struct encode e = {.schema = schema, .mode = mode, .out = out, .fault = fault};

    fault_clear(fault);
    return encode_value(&e, expr, value);
}

int tl_encode_object(const struct tl_schema *schema, const json_t *object, enum tl_encode_mode mode, struct buf *out,
                     struct fault *fault)
{
    static const struct tl_expr any = {.kind = TL_ANY};

    return tl_encode_value(schema, &any, object, mode, out, fault);
}
