#include "daemon/tl/schema_internal.h"

#include <string.h>

static int no_memory(struct fault *fault)
{
    return fault_set(fault, TGC_ENOMEM, "no memory for the schema");
}

/* `{"_":"name"`, with the name itself and a NUL in front. */
static int name_comb(struct tl_schema *schema, struct tl_comb *comb, struct tl_slice name, struct fault *fault)
{
    static const char open[] = "{\"_\":\"";
    char *p = tl_arena_text(&schema->arena, name.len + 1 + sizeof(open) + name.len);

    if (!p)
        return no_memory(fault);
    memcpy(p, name.at, name.len);
    comb->name = p;
    p += name.len + 1;
    comb->json_open = p;
    memcpy(p, open, sizeof(open) - 1);
    memcpy(p + sizeof(open) - 1, name.at, name.len);
    p[sizeof(open) - 1 + name.len] = '"';
    comb->json_open_len = (uint16_t)(sizeof(open) + name.len);
    return 0;
}

/* Some published files have, beside a method that wraps a query, the same without the query as NAMEPrefix, with the
 * same id, so that it can be written by itself. On the wire the id is the method's. */
static bool is_prefix_of(const char *name, const char *whole)
{
    size_t n = strlen(whole);

    return strncmp(name, whole, n) == 0 && strcmp(name + n, "Prefix") == 0;
}

/* Who has the id: *SLOT is who had it so far. */
static int take_id(struct tl_schema *schema, struct tl_slot *slot, size_t index, const struct tl_raw_comb *raw,
                   const char *text, struct fault *fault)
{
    const struct tl_comb *comb = &schema->combs[index], *other = slot->index ? &schema->combs[slot->index - 1] : NULL;

    if (other && raw->is_method && is_prefix_of(comb->name, other->name))
        return 0;
    if (other && !(raw->is_method && is_prefix_of(other->name, comb->name)))
        return tl_fault_at(text, raw->name.at, fault, TGC_EEXIST,
                           "%s has the id %08x of %s: one of the two lines has to go", comb->name, (unsigned)comb->id,
                           other->name);
    slot->index = (uint32_t)index + 1;
    return 0;
}

static int link_comb(struct tl_schema *schema, size_t index, const struct tl_raw_comb *raw, const char *text,
                     struct fault *fault)
{
    struct tl_comb *comb = &schema->combs[index];
    struct tl_slot *name =
        tl_names_slot(raw->is_method ? &schema->method_names : &schema->constructor_names, raw->name);
    struct tl_slot *id = tl_ids_slot(raw->is_method ? &schema->method_ids : &schema->constructor_ids, raw->id);

    comb->id = raw->id;
    comb->crc32 = raw->crc32;
    comb->is_method = raw->is_method;
    comb->is_generic = raw->variable.len > 0;
    int err = name_comb(schema, comb, raw->name, fault);
    if (err)
        return err;
    if (name->index)
        return tl_fault_at(text, raw->name.at, fault, TGC_EEXIST,
                           "%s is declared twice: one of the two lines has to go", comb->name);
    name->index = (uint32_t)index + 1;
    return take_id(schema, id, index, raw, text, fault);
}

static int link_combs(struct tl_schema *schema, const struct tl_raw *raw, const struct tl_raw_comb **raw_of,
                      struct fault *fault)
{
    size_t n = schema->constructors_n, methods_n = schema->combs_n - n;

    schema->combs = tl_arena_alloc(&schema->arena, schema->combs_n * sizeof(*schema->combs));
    if (!schema->combs ||
        tl_names_init(&schema->constructor_names, &schema->arena, n, schema->combs, sizeof(*schema->combs)) ||
        tl_ids_init(&schema->constructor_ids, &schema->arena, n) ||
        tl_names_init(&schema->method_names, &schema->arena, methods_n, schema->combs, sizeof(*schema->combs)) ||
        tl_ids_init(&schema->method_ids, &schema->arena, methods_n))
        return no_memory(fault);
    size_t constructor = 0, method = n;
    const char *before = raw->text;
    unsigned line = 1;
    for (size_t i = 0; i < raw->combs_n; i++) {
        size_t at = raw->combs[i].is_method ? method++ : constructor++;
        raw_of[at] = &raw->combs[i];
        line += tl_lines_between(before, raw->combs[i].name.at);
        before = raw->combs[i].name.at;
        schema->combs[at].line = line;
        int err = link_comb(schema, at, &raw->combs[i], raw->text, fault);
        if (err)
            return err;
    }
    return 0;
}

/* The result of a constructor is a plain name with a capital. */
static int check_boxed(const struct tl_raw *raw, const struct tl_raw_type *t, struct fault *fault)
{
    if (t->form == TL_FORM_PLAIN && t->item < 0 && tl_is_type_name(tl_raw_type_name(t)))
        return 0;
    return tl_fault_at(raw->text, t->at, fault, TGC_ESYNTAX, "the result of a constructor is not a boxed type");
}

/* What link_types() needs for a while. */
struct numbering {
    struct tl_names names;
    const char **type_names; /* by the type's number: the order in which the text brings them */
    uint32_t *counts;        /* its constructors */
    uint32_t *type_of;       /* by constructor */
};

static int numbering_init(struct numbering *n, struct tl_arena *scratch, size_t constructors_n, struct fault *fault)
{
    n->type_names = tl_arena_alloc(scratch, constructors_n * sizeof(*n->type_names));
    n->counts = tl_arena_alloc(scratch, constructors_n * sizeof(*n->counts));
    n->type_of = tl_arena_alloc(scratch, constructors_n * sizeof(*n->type_of));
    if (!n->type_names || !n->counts || !n->type_of ||
        tl_names_init(&n->names, scratch, constructors_n, n->type_names, sizeof(*n->type_names)))
        return no_memory(fault);
    return 0;
}

static int number_types(struct tl_schema *schema, const struct tl_raw *raw, const struct tl_raw_comb *const *raw_of,
                        struct numbering *n, struct fault *fault)
{
    for (size_t i = 0; i < schema->constructors_n; i++) {
        const struct tl_raw_type *t = &raw->types[raw_of[i]->result];
        int err = check_boxed(raw, t, fault);
        if (err)
            return err;
        struct tl_slot *slot = tl_names_slot(&n->names, tl_raw_type_name(t));
        if (!slot->index) {
            char *name = tl_arena_text(&schema->arena, t->name_len + 1u);
            if (!name)
                return no_memory(fault);
            memcpy(name, t->name, t->name_len);
            n->type_names[schema->types_n++] = name;
            slot->index = (uint32_t)schema->types_n;
        }
        n->type_of[i] = slot->index - 1;
        n->counts[slot->index - 1]++;
    }
    return 0;
}

/* The types with their constructors, one list behind the other. */
static int link_types(struct tl_schema *schema, const struct numbering *n, struct fault *fault)
{
    struct tl_type *types = tl_arena_alloc(&schema->arena, schema->types_n * sizeof(*types));
    const struct tl_comb **members = tl_arena_alloc(&schema->arena, schema->constructors_n * sizeof(*members));

    if (!types || !members ||
        tl_names_init(&schema->type_names, &schema->arena, schema->types_n, types, sizeof(*types)))
        return no_memory(fault);
    schema->types = types;
    for (size_t i = 0; i < schema->types_n; i++) {
        types[i].name = n->type_names[i];
        types[i].combs = members;
        members += n->counts[i];
        struct tl_slice name = {types[i].name, strlen(types[i].name)};
        tl_names_slot(&schema->type_names, name)->index = (uint32_t)i + 1;
    }
    for (size_t i = 0; i < schema->constructors_n; i++) {
        struct tl_type *type = &types[n->type_of[i]];
        ((const struct tl_comb **)type->combs)[type->combs_n++] = &schema->combs[i];
        schema->combs[i].result = (struct tl_expr){.kind = TL_OBJECT, .type = type};
    }
    return 0;
}

static int link_results(struct tl_schema *schema, const struct tl_raw *raw, const struct tl_raw_comb *const *raw_of,
                        struct fault *fault)
{
    for (size_t i = schema->constructors_n; i < schema->combs_n; i++) {
        struct tl_comb *comb = &schema->combs[i];
        int err = tl_link_expr(schema, raw, raw_of[i]->result, raw_of[i]->variable, &comb->result, fault);
        if (err)
            return err;
        if (comb->result.kind == TL_FLAGS || comb->result.kind == TL_QUERY || comb->result.kind == TL_TRUE)
            return tl_fault_at(raw->text, raw_of[i]->name.at, fault, TGC_ESYNTAX, "%s cannot answer that", comb->name);
    }
    return 0;
}

int tl_link(struct tl_schema *schema, const struct tl_raw *raw, struct fault *fault)
{
    struct tl_arena scratch = {0};
    struct numbering numbering;
    int err;

    enum { NAMES = 48 }; /* what a combinator usually takes for names and to be found by them */
    size_t usual = raw->combs_n * (sizeof(struct tl_comb) + NAMES) + raw->params_n * sizeof(struct tl_param);
    schema->layer = raw->layer;
    schema->combs_n = raw->combs_n;
    schema->constructors_n = raw->constructors_n;
    const struct tl_raw_comb **raw_of = tl_arena_alloc(&scratch, raw->combs_n * sizeof(*raw_of));
    if (!raw_of || tl_arena_reserve(&schema->arena, usual))
        err = no_memory(fault);
    else if ((err = numbering_init(&numbering, &scratch, raw->constructors_n, fault)) == 0 &&
             (err = link_combs(schema, raw, raw_of, fault)) == 0 &&
             (err = number_types(schema, raw, raw_of, &numbering, fault)) == 0 &&
             (err = link_types(schema, &numbering, fault)) == 0 &&
             (err = tl_link_params(schema, raw, raw_of, fault)) == 0)
        err = link_results(schema, raw, raw_of, fault);
    tl_arena_free(&scratch);
    return err;
}
