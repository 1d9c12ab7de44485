#include "daemon/tl/schema_internal.h"

#include <stdlib.h>
#include <string.h>

static int no_memory(struct fault *fault)
{
    return fault_set(fault, TGC_ENOMEM, "no memory for the schema");
}

/* `{"_":"name"`, with the name itself and a NUL in front. */
static int name_comb(struct tl_schema *schema, struct tl_comb *comb, struct tl_slice name, struct fault *fault)
{
    static const char open[] = "{\"_\":\"";
    char *p = tl_arena_alloc(&schema->arena, name.len + 1 + sizeof(open) + name.len + 1);

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

static int link_comb(struct tl_schema *schema, size_t index, const struct tl_raw_comb *raw, struct fault *fault)
{
    struct tl_comb *comb = &schema->combs[index];
    struct tl_names *names = raw->is_method ? &schema->method_names : &schema->constructor_names;
    struct tl_id_entry *id = tl_ids_slot(raw->is_method ? &schema->method_ids : &schema->constructor_ids, raw->id);

    comb->id = raw->id;
    comb->crc32 = raw->crc32;
    comb->is_method = raw->is_method;
    comb->is_generic = raw->variable.len > 0;
    comb->line = raw->line;
    int err = name_comb(schema, comb, raw->name, fault);
    if (err)
        return err;
    struct tl_slice own = {comb->name, raw->name.len};
    struct tl_name_entry *e = tl_names_slot(names, own);
    if (e->value)
        return fault_at_line(fault, TGC_EEXIST, raw->line, raw->column, "%s is declared twice", comb->name);
    *e = (struct tl_name_entry){.name = own, .value = comb};
    if (id->index)
        return fault_at_line(fault, TGC_EEXIST, raw->line, raw->column, "%s has the id %08x of %s", comb->name,
                             (unsigned)comb->id, schema->combs[id->index - 1].name);
    *id = (struct tl_id_entry){.id = comb->id, .index = (uint32_t)index + 1};
    return 0;
}

static int link_combs(struct tl_schema *schema, const struct tl_raw *raw, const struct tl_raw_comb **raw_of, struct fault *fault)
{
    size_t n = schema->constructors_n, methods_n = schema->combs_n - n;

    schema->combs = tl_arena_alloc(&schema->arena, schema->combs_n * sizeof(*schema->combs));
    if (!schema->combs || tl_names_init(&schema->constructor_names, &schema->arena, n) ||
        tl_ids_init(&schema->constructor_ids, &schema->arena, n) ||
        tl_names_init(&schema->method_names, &schema->arena, methods_n) ||
        tl_ids_init(&schema->method_ids, &schema->arena, methods_n))
        return no_memory(fault);
    size_t constructor = 0, method = n;
    for (size_t i = 0; i < raw->combs_n; i++) {
        size_t at = raw->combs[i].is_method ? method++ : constructor++;
        raw_of[at] = &raw->combs[i];
        int err = link_comb(schema, at, &raw->combs[i], fault);
        if (err)
            return err;
    }
    return 0;
}

/* The result of a constructor is a plain name with a capital. */
static int check_boxed(const struct tl_raw_type *t, struct fault *fault)
{
    if (t->form != TL_FORM_PLAIN || t->item >= 0 || !tl_is_type_name(t->name))
        return fault_at_line(fault, TGC_ESYNTAX, t->line, t->column, "the result of a constructor is not a boxed type");
    return 0;
}

/* First counts the types and their constructors, then lays them out one behind the other. In between a name stands for
 * its type's number plus one. */
static int link_types(struct tl_schema *schema, const struct tl_raw *raw, const struct tl_raw_comb *const *raw_of,
                      struct tl_names *numbers, uint32_t *type_of, uint32_t *counts, struct fault *fault)
{
    for (size_t i = 0; i < schema->constructors_n; i++) {
        const struct tl_raw_type *t = &raw->types[raw_of[i]->result];
        int err = check_boxed(t, fault);
        if (err)
            return err;
        struct tl_name_entry *e = tl_names_slot(numbers, t->name);
        if (!e->value)
            *e = (struct tl_name_entry){.name = t->name, .value = (void *)(uintptr_t)++schema->types_n};
        type_of[i] = (uint32_t)((uintptr_t)e->value - 1);
        counts[type_of[i]]++;
    }
    schema->types = tl_arena_alloc(&schema->arena, schema->types_n * sizeof(*schema->types));
    const struct tl_comb **members = tl_arena_alloc(&schema->arena, schema->constructors_n * sizeof(*members));
    if (!schema->types || !members || tl_names_init(&schema->type_names, &schema->arena, schema->types_n))
        return no_memory(fault);
    /* Constructors come in the order of the text, so a type's place is made when its first one is met. */
    for (size_t i = 0; i < schema->constructors_n; i++) {
        struct tl_type *type = &schema->types[type_of[i]];
        if (!type->name) {
            struct tl_slice from = raw->types[raw_of[i]->result].name;
            char *name = tl_arena_alloc(&schema->arena, from.len + 1);
            if (!name)
                return no_memory(fault);
            memcpy(name, from.at, from.len);
            type->name = name;
            type->combs = members;
            members += counts[type_of[i]];
            struct tl_slice own = {name, from.len};
            *tl_names_slot(&schema->type_names, own) = (struct tl_name_entry){.name = own, .value = type};
        }
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
            return fault_at_line(fault, TGC_ESYNTAX, comb->line, 1, "%s cannot answer that", comb->name);
    }
    return 0;
}

int tl_link(struct tl_schema *schema, const struct tl_raw *raw, struct fault *fault)
{
    struct tl_arena scratch = {0};
    struct tl_names numbers;
    int err;

    schema->layer = raw->layer;
    schema->combs_n = raw->combs_n;
    schema->constructors_n = raw->constructors_n;
    const struct tl_raw_comb **raw_of = tl_arena_alloc(&scratch, raw->combs_n * sizeof(*raw_of));
    uint32_t *type_of = tl_arena_alloc(&scratch, raw->constructors_n * sizeof(*type_of));
    uint32_t *counts = tl_arena_alloc(&scratch, raw->constructors_n * sizeof(*counts));
    if (!raw_of || !type_of || !counts || tl_names_init(&numbers, &scratch, raw->constructors_n))
        err = no_memory(fault);
    else if ((err = link_combs(schema, raw, raw_of, fault)) == 0 &&
             (err = link_types(schema, raw, raw_of, &numbers, type_of, counts, fault)) == 0 &&
             (err = tl_link_params(schema, raw, raw_of, fault)) == 0)
        err = link_results(schema, raw, raw_of, fault);
    tl_arena_free(&scratch);
    return err;
}
