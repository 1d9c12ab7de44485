#include "daemon/tl/schema_internal.h"

#include <string.h>

bool tl_is_type_name(struct tl_slice name)
{
    size_t at = name.len;

    while (at > 0 && name.at[at - 1] != '.')
        at--;
    return at < name.len && name.at[at] >= 'A' && name.at[at] <= 'Z';
}

static int fault_here(const struct tl_raw *raw, const struct tl_raw_type *t, struct fault *fault, int err,
                      const char *what)
{
    return tl_fault_at(raw->text, t->at, fault, err, "%.*s: %s", (int)t->name_len, t->name, what);
}

static bool find_scalar(struct tl_slice name, enum tl_kind *ret_kind)
{
    static const struct {
        char name[8];
        uint8_t len;
        enum tl_kind kind;
    } scalars[] = {
        {"true", 4, TL_TRUE},     {"int", 3, TL_INT},    {"long", 4, TL_LONG},     {"string", 6, TL_STRING},
        {"bytes", 5, TL_BYTES},   {"Bool", 4, TL_BOOL},  {"double", 6, TL_DOUBLE}, {"int128", 6, TL_INT128},
        {"int256", 6, TL_INT256}, {"Object", 6, TL_ANY},
    };

    for (size_t i = 0; i < sizeof(scalars) / sizeof(scalars[0]); i++) {
        if (name.len == scalars[i].len && memcmp(name.at, scalars[i].name, name.len) == 0) {
            *ret_kind = scalars[i].kind;
            return true;
        }
    }
    return false;
}

static int link_vector(struct tl_schema *schema, const struct tl_raw *raw, const struct tl_raw_type *t,
                       struct tl_slice variable, struct tl_expr *ret_expr, struct fault *fault)
{
    bool is_boxed = tl_slice_is(tl_raw_type_name(t), "Vector");

    if (!is_boxed && !tl_slice_is(tl_raw_type_name(t), "vector"))
        return fault_here(raw, t, fault, TGC_ESYNTAX, "only Vector and vector take a type in <>");
    if (t->item < 0)
        return fault_here(raw, t, fault, TGC_ESYNTAX, "a vector needs the type of its items in <>");
    struct tl_expr *item = tl_arena_alloc(&schema->arena, sizeof(*item));
    if (!item)
        return fault_set(fault, TGC_ENOMEM, "no memory for the schema");
    /* The parser has bounded the nesting. */
    int err = tl_link_expr(schema, raw, (uint32_t)t->item, variable, item, fault);
    if (err)
        return err;
    *ret_expr =
        (struct tl_expr){.kind = is_boxed && t->form == TL_FORM_PLAIN ? TL_VECTOR : TL_BARE_VECTOR, .item = item};
    return 0;
}

static int link_bare(const struct tl_schema *schema, const struct tl_raw *raw, const struct tl_raw_type *t,
                     struct tl_expr *ret_expr, struct fault *fault)
{
    const struct tl_comb *comb = NULL;

    if (tl_is_type_name(tl_raw_type_name(t))) {
        const struct tl_type *type = tl_names_find(&schema->type_names, tl_raw_type_name(t));
        if (type && type->combs_n != 1)
            return fault_here(raw, t, fault, TGC_ESYNTAX, "a bare type needs exactly one constructor");
        comb = type ? type->combs[0] : NULL;
    } else {
        comb = tl_names_find(&schema->constructor_names, tl_raw_type_name(t));
    }
    if (!comb)
        return fault_here(raw, t, fault, TGC_EUNKNOWN, "nothing in this schema constructs it");
    *ret_expr = (struct tl_expr){.kind = TL_BARE, .comb = comb};
    return 0;
}

int tl_link_expr(struct tl_schema *schema, const struct tl_raw *raw, uint32_t type, struct tl_slice variable,
                 struct tl_expr *ret_expr, struct fault *fault)
{
    const struct tl_raw_type *t = &raw->types[type];
    struct tl_slice name = tl_raw_type_name(t);
    bool is_variable = variable.len && name.len == variable.len && memcmp(name.at, variable.at, variable.len) == 0;
    enum tl_kind kind;

    if (t->form == TL_FORM_FLAGS || t->form == TL_FORM_QUERY || (is_variable && t->item < 0)) {
        if (t->form == TL_FORM_QUERY && !is_variable)
            return fault_here(raw, t, fault, TGC_ESYNTAX, "not a type variable of this declaration");
        kind = t->form == TL_FORM_FLAGS ? TL_FLAGS : t->form == TL_FORM_QUERY ? TL_QUERY : TL_ANY;
        *ret_expr = (struct tl_expr){.kind = kind};
        return 0;
    }
    if (t->item >= 0 || tl_slice_is(name, "Vector") || tl_slice_is(name, "vector"))
        return link_vector(schema, raw, t, variable, ret_expr, fault);
    if (t->form == TL_FORM_PLAIN && find_scalar(name, &kind)) {
        *ret_expr = (struct tl_expr){.kind = kind};
        return 0;
    }
    if (t->form == TL_FORM_BARE || !tl_is_type_name(name))
        return link_bare(schema, raw, t, ret_expr, fault);
    const struct tl_type *boxed = tl_names_find(&schema->type_names, name);
    if (!boxed)
        return fault_here(raw, t, fault, TGC_EUNKNOWN, "nothing in this schema constructs it");
    *ret_expr = (struct tl_expr){.kind = TL_OBJECT, .type = boxed};
    return 0;
}
