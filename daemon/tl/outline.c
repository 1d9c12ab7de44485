#include "daemon/tl/outline.h"

#include <stdlib.h>
#include <string.h>

struct tl_outline {
    int layer;
    char names[]; /* of each method its own, its parameters' and an empty one; then an empty one instead of a method */
};

/* To AT, if that is not NULL; how many bytes it takes. */
static size_t put(char *at, const char *name)
{
    size_t size = strlen(name) + 1;

    if (at)
        memcpy(at, name, size);
    return size;
}

/* The same of all that SCHEMA has. */
static size_t put_names(char *at, const struct tl_schema *schema)
{
    size_t n, size = 0;
    const struct tl_comb *combs = tl_schema_combs(schema, &n);

    for (size_t i = 0; i < n; i++) {
        if (!combs[i].is_method)
            continue;
        size += put(at ? at + size : NULL, combs[i].name);
        for (unsigned p = 0; p < combs[i].params_n; p++)
            if (combs[i].params[p].expr.kind != TL_FLAGS)
                size += put(at ? at + size : NULL, combs[i].params[p].name);
        size += put(at ? at + size : NULL, "");
    }
    return size + put(at ? at + size : NULL, "");
}

int tl_outline_new(const struct tl_schema *schema, struct tl_outline **ret)
{
    struct tl_outline *o = malloc(sizeof(*o) + put_names(NULL, schema));

    if (!o)
        return TGC_ENOMEM;
    o->layer = tl_schema_layer(schema);
    (void)put_names(o->names, schema);
    *ret = o;
    return 0;
}

void tl_outline_free(struct tl_outline *o)
{
    free(o);
}

int tl_outline_layer(const struct tl_outline *o)
{
    return o->layer;
}

static const char *next(const char *name)
{
    return name + strlen(name) + 1;
}

/* Behind METHOD's own name; NULL. */
static const char *params_of(const struct tl_outline *o, const char *method)
{
    for (const char *at = o->names; *at; at = next(at)) {
        if (strcmp(at, method) == 0)
            return next(at);
        while (*at)
            at = next(at);
    }
    return NULL;
}

bool tl_outline_has_method(const struct tl_outline *o, const char *method)
{
    return params_of(o, method) != NULL;
}

bool tl_outline_has_param(const struct tl_outline *o, const char *method, const char *param)
{
    for (const char *at = params_of(o, method); at && *at; at = next(at))
        if (strcmp(at, param) == 0)
            return true;
    return false;
}
