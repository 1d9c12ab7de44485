#include "daemon/schemas.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/paths.h"
#include "daemon/base/log.h"

static int put(struct schemas *s, struct tl_schema *schema, struct fault *fault)
{
    size_t at = 0;

    while (at < s->n && tl_schema_layer(s->list[at]) < tl_schema_layer(schema))
        at++;
    if (at < s->n && tl_schema_layer(s->list[at]) == tl_schema_layer(schema)) {
        tl_schema_free(s->owned[at]);
    } else {
        if (s->n == SCHEMAS_MAX)
            return fault_set(fault, TGC_ELIMIT, "more than %d schemas", SCHEMAS_MAX);
        memmove(s->owned + at + 1, s->owned + at, (s->n - at) * sizeof(s->owned[0]));
        memmove(s->list + at + 1, s->list + at, (s->n - at) * sizeof(s->list[0]));
        s->n++;
    }
    s->list[at] = s->owned[at] = schema;
    return 0;
}

static int load(struct schemas *s, const char *path, struct fault *fault)
{
    struct fault inner = {0};
    struct tl_schema *schema;
    const struct tl_comb *first;
    int err = tl_schema_read(path, &schema, &inner);

    if (err && inner.line)
        return fault_set(fault, err, "%s:%u:%u: %s", path, inner.line, inner.column, inner.text);
    if (err)
        return fault_set(fault, err, "%s: %s", path, inner.text[0] ? inner.text : tgc_err_text(err));
    if (tl_schema_layer(schema) == 0) {
        tl_schema_free(schema);
        return fault_set(fault, TGC_EINVAL, "%s: there is no line \"// LAYER N\" in it", path);
    }
    size_t wrong = tl_schema_mismatches(schema, &first);
    if (wrong)
        log_warning("main", "%s: %zu ids are not the CRC32 of their lines (the first is %s); the declared ids are used",
                    path, wrong, first->name);
    err = put(s, schema, fault);
    if (err)
        tl_schema_free(schema);
    return err;
}

int schemas_load(const struct text_list *given, struct schemas *ret, struct fault *fault)
{
    char *folder = NULL, pattern[4096];
    glob_t found = {0};
    int err = paths_data("schema", &folder);

    *ret = (struct schemas){0};
    if (err)
        return fault_set(fault, err, "out of memory");
    snprintf(pattern, sizeof(pattern), "%s/layer-*.tl", folder);
    if (glob(pattern, 0, NULL, &found) != 0)
        err = fault_set(fault, TGC_EIO, "no schema was found in %s", folder);
    for (size_t i = 0; !err && i < found.gl_pathc; i++)
        err = load(ret, found.gl_pathv[i], fault);
    globfree(&found);
    free(folder);
    for (size_t i = 0; !err && i < given->n; i++)
        err = load(ret, given->items[i], fault);
    if (err)
        schemas_fini(ret);
    return err;
}

void schemas_fini(struct schemas *s)
{
    for (size_t i = 0; i < s->n; i++)
        tl_schema_free(s->owned[i]);
    for (size_t i = 0; i < s->others_n; i++)
        tl_outline_free(s->others[i]);
    *s = (struct schemas){0};
}

int schemas_outline(struct schemas *s, int layer)
{
    int err = 0;

    for (size_t i = 0; !err && i < s->n; i++)
        if (tl_schema_layer(s->list[i]) != layer && !(err = tl_outline_new(s->list[i], &s->others[s->others_n])))
            s->others_n++;
    return err;
}

void schemas_keep_one(struct schemas *s, int layer)
{
    struct tl_schema *kept = NULL;

    for (size_t i = 0; i < s->n; i++)
        if (tl_schema_layer(s->list[i]) == layer)
            kept = s->owned[i];
        else
            tl_schema_free(s->owned[i]);
    s->list[0] = s->owned[0] = kept;
    s->n = kept != NULL;
}

const struct tl_schema *schemas_find(const struct schemas *s, int layer)
{
    for (size_t i = 0; i < s->n; i++)
        if (tl_schema_layer(s->list[i]) == layer)
            return s->list[i];
    return NULL;
}

void schemas_names(const struct schemas *s, char *out, size_t size)
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < s->n && n < size; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%d", i ? ", " : "", tl_schema_layer(s->list[i]));
}
