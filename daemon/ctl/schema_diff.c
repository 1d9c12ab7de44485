#include "daemon/ctl/schema_diff.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/tg/needs.h"

enum { WHAT_SIZE = 2000, TYPE_SIZE = 256, NEST_MAX = 4 };

struct schema_words {
    char text[WHAT_SIZE];
    size_t len;
};

static void __attribute__((format(printf, 2, 3))) add(struct schema_words *w, const char *format, ...)
{
    va_list ap;

    if (w->len + 1 >= WHAT_SIZE)
        return;
    va_start(ap, format);
    int n = vsnprintf(w->text + w->len, WHAT_SIZE - w->len, format, ap);
    va_end(ap);
    w->len = n < 0 ? w->len : w->len + (size_t)n < WHAT_SIZE ? w->len + (size_t)n : WHAT_SIZE - 1;
}

static void put_type(const struct tl_expr *e, struct schema_words *w, unsigned depth)
{
    static const char *const names[] = {
        [TL_INT] = "int",       [TL_LONG] = "long",     [TL_DOUBLE] = "double", [TL_INT128] = "int128",
        [TL_INT256] = "int256", [TL_STRING] = "string", [TL_BYTES] = "bytes",   [TL_BOOL] = "Bool",
        [TL_TRUE] = "true",     [TL_FLAGS] = "#",       [TL_QUERY] = "!X",      [TL_ANY] = "Object",
    };

    switch (e->kind) {
    case TL_OBJECT:
        add(w, "%s", e->type->name);
        return;
    case TL_BARE:
        add(w, "%s", e->comb->name);
        return;
    case TL_VECTOR:
    case TL_BARE_VECTOR:
        add(w, "%s<", e->kind == TL_VECTOR ? "Vector" : "vector");
        if (depth < NEST_MAX)
            put_type(e->item, w, depth + 1);
        add(w, ">");
        return;
    default:
        add(w, "%s", names[e->kind]);
    }
}

void schema_param_text(const struct tl_comb *comb, const struct tl_param *param, char *out, size_t size)
{
    struct schema_words w = {.len = 0};

    if (param->flag_word >= 0)
        add(&w, "%s.%u?", comb->params[param->flag_word].name, param->flag_bit);
    put_type(&param->expr, &w, 0);
    snprintf(out, size, "%s", w.len ? w.text : "");
}

static const struct tl_param *find_param(const struct tl_comb *comb, const char *name)
{
    for (unsigned i = 0; i < comb->params_n; i++)
        if (strcmp(comb->params[i].name, name) == 0)
            return &comb->params[i];
    return NULL;
}

static void compare_params(const struct tl_comb *before, const struct tl_comb *after, struct schema_words *w)
{
    char was[TYPE_SIZE], is[TYPE_SIZE];

    for (unsigned i = 0; i < after->params_n; i++) {
        const struct tl_param *p = &after->params[i], *old = find_param(before, p->name);
        schema_param_text(after, p, is, sizeof(is));
        was[0] = '\0';
        if (old)
            schema_param_text(before, old, was, sizeof(was));
        if (!old)
            add(w, "%s%s:%s came", w->len ? "; " : "", p->name, is);
        else if (strcmp(was, is) != 0)
            add(w, "%s%s was %s and is %s", w->len ? "; " : "", p->name, was, is);
    }
    for (unsigned i = 0; i < before->params_n; i++)
        if (!find_param(after, before->params[i].name))
            add(w, "%s%s went", w->len ? "; " : "", before->params[i].name);
}

static void compare(const struct tl_comb *before, const struct tl_comb *after, struct schema_words *w)
{
    struct schema_words was = {.len = 0}, is = {.len = 0};

    compare_params(before, after, w);
    put_type(&before->result, &was, 0);
    put_type(&after->result, &is, 0);
    if (strcmp(was.text, is.text) != 0)
        add(w, "%sit was a %s and is a %s", w->len ? "; " : "", was.text, is.text);
    if (before->id != after->id)
        add(w, "%sits id was %08x and is %08x", w->len ? "; " : "", before->id, after->id);
    else if (w->len)
        add(w, "; its id stayed");
}

static const struct tl_comb *find_in(const struct tl_schema *schema, const struct tl_comb *comb)
{
    return comb->is_method ? tl_find_method(schema, comb->name) : tl_find_constructor_name(schema, comb->name);
}

static bool is_used(const struct tl_comb *comb)
{
    return tg_needs_has(comb->name, comb->is_method) || strstr(comb->name, "GroupCall") ||
           strstr(comb->name, "groupCall");
}

static int put(json_t *rows, const char *change, const struct tl_comb *comb, const char *what)
{
    json_t *row =
        json_pack("{s:s, s:s, s:s, s:s, s:b}", "change", change, "kind", comb->is_method ? "method" : "constructor",
                  "name", comb->name, "what", what, "used", is_used(comb));

    return row && json_array_append_new(rows, row) == 0 ? 0 : TGC_ENOMEM;
}

/* What AFTER has, and how it was in BEFORE. */
static int put_new(json_t *rows, const struct tl_schema *before, const struct tl_comb *comb)
{
    const struct tl_comb *old = find_in(before, comb);
    struct schema_words what = {.len = 0};

    if (!old)
        return put(rows, "came", comb, "");
    compare(old, comb, &what);
    return what.len ? put(rows, "changed", comb, what.text) : 0;
}

json_t *schema_diff(const struct tl_schema *before, const struct tl_schema *after, bool used_alone)
{
    json_t *rows = json_array();
    size_t n, old_n;
    const struct tl_comb *combs = tl_schema_combs(after, &n), *old = tl_schema_combs(before, &old_n);
    int err = rows ? 0 : TGC_ENOMEM;

    for (size_t i = 0; !err && i < n; i++)
        if (!used_alone || is_used(&combs[i]))
            err = put_new(rows, before, &combs[i]);
    for (size_t i = 0; !err && i < old_n; i++)
        if ((!used_alone || is_used(&old[i])) && !find_in(after, &old[i]))
            err = put(rows, "went", &old[i], "");
    if (err) {
        json_decref(rows);
        return NULL;
    }
    return rows;
}
