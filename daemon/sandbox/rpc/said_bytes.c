#include "daemon/sandbox/rpc/said_bytes.h"

#include "daemon/tl/encode.h"
#include "daemon/tl/writer.h"

enum { PARAMS_MAX = 255 };

struct said_writer {
    const struct tl_schema *schema;
    struct buf *out;
    struct fault *fault;
};

static int put_value(const struct said_writer *b, const struct tl_expr *expr, const struct said_value *v);

/* The members come about as the schema has them: the next one is looked at first. */
static const struct said_member *find(const struct telling *o, const struct tl_param *p, unsigned *next)
{
    size_t len = (size_t)p->json_key_len - 4; /* `,"":` around it */

    for (unsigned i = 0, at = *next; i < o->n; i++, at = at + 1 < o->n ? at + 1 : 0) {
        const struct said_member *m = &o->members[at];
        if (m->name_len == len && memcmp(m->name, p->name, len) == 0) {
            *next = at + 1 < o->n ? at + 1 : 0;
            return m;
        }
    }
    return NULL;
}

static int put_fields(const struct said_writer *b, const struct tl_comb *comb, const struct telling *o)
{
    const struct said_member *of[PARAMS_MAX];
    uint32_t flags[TL_FLAG_WORDS_MAX] = {0};
    unsigned next = 0;
    int err = 0;

    if (comb->params_n > PARAMS_MAX)
        return TGC_ELIMIT;
    for (unsigned i = 0; i < comb->params_n; i++) {
        const struct tl_param *p = &comb->params[i];
        of[i] = p->expr.kind == TL_FLAGS ? NULL : find(o, p, &next);
        if (of[i] && p->flag_word >= 0)
            flags[p->flag_slot] |= UINT32_C(1) << p->flag_bit;
    }
    for (unsigned i = 0; !err && i < comb->params_n; i++) {
        const struct tl_param *p = &comb->params[i];
        bool is_there = p->flag_word < 0 || flags[p->flag_slot] >> p->flag_bit & 1;
        if (p->expr.kind == TL_FLAGS)
            tl_write_u32(b->out, flags[p->flag_slot]);
        else if (of[i])
            err = put_value(b, &p->expr, &of[i]->value);
        else if (is_there && p->expr.kind != TL_TRUE)
            err = fault_set(b->fault, TGC_EINVAL, "%s has no %s", comb->name, p->name);
    }
    return err;
}

static bool has_member(const struct tl_comb *comb, const char *name)
{
    for (unsigned i = 0; i < comb->params_n; i++)
        if (strcmp(comb->params[i].name, name) == 0)
            return true;
    return false;
}

static int put_object(const struct said_writer *b, const struct tl_type *type, const struct telling *o)
{
    const struct tl_comb *comb = tl_find_constructor_name(b->schema, o->tag);

    if (comb ? o->only_with && !has_member(comb, o->only_with) : o->otherwise != NULL) {
        o = o->otherwise;
        comb = o ? tl_find_constructor_name(b->schema, o->tag) : NULL;
    }
    if (!o)
        return fault_set(b->fault, TGC_EUNKNOWN, "the layer cannot say it");

    if (!comb)
        return fault_set(b->fault, TGC_EUNKNOWN, "the layer has no %s", o->tag);
    if (type && comb->result.type != type)
        return fault_set(b->fault, TGC_EINVAL, "%s is no %s", o->tag, type->name);
    tl_write_u32(b->out, comb->id);
    return put_fields(b, comb, o);
}

static int put_said(const struct said_writer *b, const struct tl_expr *expr, const struct telling *o)
{
    if (!o)
        return fault_set(b->fault, TGC_ENOMEM, "out of memory");
    if (!o->tag)
        return put_value(b, expr, &o->members[0].value);
    if (expr->kind != TL_OBJECT && expr->kind != TL_ANY)
        return fault_set(b->fault, TGC_EINVAL, "%s stands where no object does", o->tag);
    return put_object(b, expr->kind == TL_OBJECT ? expr->type : NULL, o);
}

static int put_number(const struct said_writer *b, const struct tl_expr *expr, int64_t number)
{
    if (expr->kind == TL_LONG)
        tl_write_i64(b->out, number);
    else if (expr->kind == TL_INT && number >= INT32_MIN && number <= INT32_MAX)
        tl_write_i32(b->out, (int32_t)number);
    else
        return fault_set(b->fault, TGC_EINVAL, "%lld does not fit its type", (long long)number);
    return 0;
}

static int put_list(const struct said_writer *b, const struct tl_expr *expr, const struct said_list *list)
{
    int err = 0;

    if (!list)
        return fault_set(b->fault, TGC_ENOMEM, "out of memory");
    if (expr->kind != TL_VECTOR)
        return fault_set(b->fault, TGC_EINVAL, "a list stands where no vector does");
    tl_write_vector(b->out, (uint32_t)list->n);
    for (size_t i = 0; !err && i < list->n; i++)
        err = put_said(b, expr->item, list->items[i]);
    return err;
}

static int put_value(const struct said_writer *b, const struct tl_expr *expr, const struct said_value *v)
{
    switch (v->kind) {
    case SAID_TRUE:
        if (expr->kind == TL_BOOL)
            tl_write_bool(b->out, true);
        return expr->kind == TL_BOOL || expr->kind == TL_TRUE
                   ? 0
                   : fault_set(b->fault, TGC_EINVAL, "a flag stands where another type does");
    case SAID_NUMBER:
        return put_number(b, expr, v->number);
    case SAID_TEXT:
        if (expr->kind != TL_STRING)
            return fault_set(b->fault, TGC_EINVAL, "a text stands where another type does");
        tl_write_bytes(b->out, v->text.at, v->text.len);
        return 0;
    case SAID_OBJECT:
        return put_said(b, expr, v->object);
    case SAID_LIST:
        return put_list(b, expr, v->list);
    case SAID_JSON:
        return tl_encode_value(b->schema, expr, v->json, TL_ENCODE_LENIENT, b->out, b->fault);
    }
    return TGC_EINVAL;
}

int said_bytes(const struct tl_schema *schema, const struct telling *o, struct buf *out, struct fault *fault)
{
    struct said_writer b = {schema, out, fault};
    struct tl_expr any = {.kind = TL_ANY};
    int err = put_said(&b, &any, o);

    return err ? err : out->err;
}
