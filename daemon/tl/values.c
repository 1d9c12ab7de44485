#include "daemon/tl/values.h"

#include <assert.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/base/long_text.h"
#include "daemon/tl/writer.h"

void tl_values_begin(struct tl_values *v, const char *name)
{
    v->name = name;
    v->n = 0;
}

static struct tl_value *add(struct tl_values *v, const char *name, enum tl_kind kind)
{
    assert(v->n < TL_VALUES_MAX);
    struct tl_value *value = &v->list[v->n++];
    value->name = name;
    value->kind = kind;
    return value;
}

void tl_values_int(struct tl_values *v, const char *name, int32_t value)
{
    add(v, name, TL_INT)->number = value;
}

void tl_values_long(struct tl_values *v, const char *name, int64_t value)
{
    add(v, name, TL_LONG)->number = value;
}

void tl_values_bool(struct tl_values *v, const char *name, bool value)
{
    add(v, name, TL_BOOL)->number = value;
}

void tl_values_text(struct tl_values *v, const char *name, const char *text, size_t len)
{
    struct tl_value *value = add(v, name, TL_STRING);

    value->text = text;
    value->len = len;
}

void tl_values_object(struct tl_values *v, const char *name, const struct tl_values *object)
{
    add(v, name, TL_OBJECT)->object = object;
}

/* --- as bytes --- */

struct saying {
    const struct tl_schema *schema;
    struct buf *out;
    struct fault *fault;
    unsigned depth;
};

static int member_fault(struct saying *e, const char *name, int err)
{
    fault_path_member(e->fault, name);
    return err;
}

/* Which parameter each value is of, and the flags that follow. */
static int place(struct saying *e, const struct tl_comb *comb, const struct tl_values *v,
                 const struct tl_param *of[static TL_VALUES_MAX], uint32_t flags[static TL_FLAG_WORDS_MAX])
{
    for (unsigned i = 0; i < v->n; i++) {
        const struct tl_param *p = comb->params, *end = p + comb->params_n;
        while (p < end && (p->expr.kind == TL_FLAGS || strcmp(p->name, v->list[i].name) != 0))
            p++;
        if (p == end)
            return member_fault(e, v->list[i].name,
                                fault_set(e->fault, TGC_EUNKNOWN, "%s has no such member", comb->name));
        of[i] = p;
        if (p->flag_word >= 0 && (p->expr.kind != TL_TRUE || v->list[i].number))
            flags[p->flag_slot] |= UINT32_C(1) << p->flag_bit;
    }
    return 0;
}

static int say_object(struct saying *e, const struct tl_comb *comb, const struct tl_values *v);

static int say_boxed(struct saying *e, const struct tl_type *type, const struct tl_values *v)
{
    const struct tl_comb *comb = v->name ? tl_find_constructor_name(e->schema, v->name) : NULL;

    if (!v->name)
        return member_fault(e, "_", fault_set(e->fault, TGC_EINVAL, "must name a constructor of %s", type->name));
    if (!comb)
        return member_fault(
            e, "_",
            fault_set(e->fault, TGC_EUNKNOWN, "layer %d has no constructor '%s'", tl_schema_layer(e->schema), v->name));
    if (comb->result.type != type)
        return member_fault(
            e, "_",
            fault_set(e->fault, TGC_EINVAL, "%s is a %s, not a %s", comb->name, comb->result.type->name, type->name));
    return say_object(e, comb, v);
}

static int say_value(struct saying *e, const struct tl_expr *expr, const struct tl_value *value)
{
    int err = 0;

    if (expr->kind != value->kind)
        return fault_set(e->fault, TGC_EINVAL, "is of another type");
    switch (value->kind) {
    case TL_INT:
        tl_write_i32(e->out, (int32_t)value->number);
        break;
    case TL_LONG:
        tl_write_i64(e->out, value->number);
        break;
    case TL_BOOL:
        tl_write_bool(e->out, value->number != 0);
        break;
    case TL_STRING:
        if (value->len > LIMIT_TL_STRING)
            return fault_set(e->fault, TGC_ELIMIT, "longer than %d bytes", LIMIT_TL_STRING);
        tl_write_bytes(e->out, value->text, value->len);
        break;
    default:
        err = say_boxed(e, expr->type, value->object);
        break;
    }
    if (!err && buf_err(e->out))
        err = fault_set(e->fault, buf_err(e->out),
                        buf_err(e->out) == TGC_ELIMIT ? "the whole is too large" : "out of memory");
    return err;
}

static int say_param(struct saying *e, const struct tl_param *p, const struct tl_values *v,
                     const struct tl_param *const *of)
{
    unsigned i = 0;

    while (i < v->n && of[i] != p)
        i++;
    if (i == v->n)
        return p->expr.kind == TL_TRUE ? 0 : fault_set(e->fault, TGC_EINVAL, "is missing");
    if (p->expr.kind == TL_TRUE)
        return v->list[i].kind == TL_BOOL ? 0 : fault_set(e->fault, TGC_EINVAL, "wants true or false");
    return say_value(e, &p->expr, &v->list[i]);
}

static int say_object(struct saying *e, const struct tl_comb *comb, const struct tl_values *v)
{
    const struct tl_param *of[TL_VALUES_MAX];
    uint32_t flags[TL_FLAG_WORDS_MAX] = {0};

    if (e->depth == LIMIT_TL_DEPTH)
        return fault_set(e->fault, TGC_ELIMIT, "more than %d objects inside each other", LIMIT_TL_DEPTH);
    int err = place(e, comb, v, of, flags);
    tl_write_u32(e->out, comb->id);
    e->depth++;
    for (const struct tl_param *p = comb->params, *end = p + comb->params_n; !err && p < end; p++) {
        if (p->expr.kind == TL_FLAGS)
            tl_write_u32(e->out, flags[p->flag_slot]);
        else if (p->flag_word < 0 || flags[p->flag_slot] >> p->flag_bit & 1)
            err = say_param(e, p, v, of);
        if (err)
            fault_path_member(e->fault, p->name);
    }
    e->depth--;
    return err;
}

int tl_encode_values(const struct tl_schema *schema, const struct tl_comb *method, const struct tl_values *v,
                     struct buf *out, struct fault *fault)
{
    struct saying e = {.schema = schema, .out = out, .fault = fault};

    fault_clear(fault);
    int err = say_object(&e, method, v);
    if (!err && buf_err(out))
        err = fault_set(fault, buf_err(out), "%s: %s", method->name, tgc_err_text(buf_err(out)));
    return err;
}

/* --- as JSON --- */

static json_t *value_json(const struct tl_value *value)
{
    char text[LONG_TEXT_MAX];

    switch (value->kind) {
    case TL_INT:
        return json_integer(value->number);
    case TL_LONG:
        return json_stringn_nocheck(text, long_text(text, value->number));
    case TL_BOOL:
        return json_boolean(value->number);
    case TL_STRING:
        return json_stringn_nocheck(value->text, value->len);
    default:
        return tl_values_json(value->object);
    }
}

json_t *tl_values_json(const struct tl_values *v)
{
    json_t *j = json_object();
    int err = v->name ? json_object_set_new_nocheck(j, "_", json_string_nocheck(v->name)) : 0;

    for (unsigned i = 0; i < v->n; i++)
        err |= json_object_set_new_nocheck(j, v->list[i].name, value_json(&v->list[i]));
    if (err) {
        json_decref(j);
        return NULL;
    }
    return j;
}
