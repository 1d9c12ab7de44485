#include "daemon/bridge/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/utf8.h"

enum {
    DETAIL_MAX = 1024,
    REMEDY_MAX = 1024,
    STOPPING_RETRY_S = 5, /* about as long as a restart takes */
};

struct problem {
    enum problem_slug slug;
    int status;
    int64_t retry_after;
    char *remedy;
    json_t *members; /* NULL until the first */
    char detail[DETAIL_MAX];
};

static const struct {
    const char *slug, *title, *remedy;
    int status;
} table[] = {
#define X(name, slug, status, title, remedy) {slug, title, remedy, status},
    PROBLEMS(X)
#undef X
};

/* Text that came from outside may be broken UTF-8 or cut in the middle of a character; JSON must stay valid. */
static void mend_utf8(char *text)
{
    size_t len = strlen(text);

    if (utf8_is_valid(text, len))
        return;
    size_t cut = utf8_cut(text, len);
    if (cut < len && utf8_is_valid(text, cut)) {
        text[cut] = '\0';
        return;
    }
    for (char *p = text; *p; p++)
        if ((unsigned char)*p >= 0x80)
            *p = '?';
}

struct problem *problem_new(enum problem_slug slug, int status, const char *detail_format, ...)
{
    struct problem *p = calloc(1, sizeof(*p));

    if (!p)
        return NULL;
    p->slug = slug;
    p->status = status ? status : table[slug].status;
    if (!p->status)
        p->status = 500;
    va_list ap;
    va_start(ap, detail_format);
    vsnprintf(p->detail, sizeof(p->detail), detail_format, ap);
    va_end(ap);
    mend_utf8(p->detail);
    return p;
}

struct problem *problem_stopping(bool is_unsent)
{
    struct problem *p = problem_new(PROBLEM_STOPPING, 0, "The daemon is stopping");

    problem_set_retry_after(p, STOPPING_RETRY_S);
    if (is_unsent)
        problem_put(p, "sent", json_false());
    return p;
}

void problem_free(struct problem *p)
{
    if (!p)
        return;
    json_decref(p->members);
    free(p->remedy);
    free(p);
}

void problem_set_remedy(struct problem *p, const char *remedy)
{
    char *copy = p && remedy ? strdup(remedy) : NULL;

    if (!copy)
        return;
    mend_utf8(copy);
    free(p->remedy);
    p->remedy = copy;
}

void problem_print_remedy(struct problem *p, const char *format, ...)
{
    char text[REMEDY_MAX];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    problem_set_remedy(p, text);
}

void problem_set_retry_after(struct problem *p, int64_t seconds)
{
    if (p)
        p->retry_after = seconds > 0 ? seconds : 0;
}

void problem_put(struct problem *p, const char *member, json_t *value)
{
    if (p && !p->members)
        p->members = json_object();
    if (!p || !p->members) {
        json_decref(value);
        return;
    }
    json_object_set_new(p->members, member, value);
}

void problem_add_error(struct problem *p, const char *pointer, const char *detail)
{
    if (!p)
        return;
    json_t *errors = json_object_get(p->members, "errors");
    if (!errors) {
        problem_put(p, "errors", json_array());
        errors = json_object_get(p->members, "errors");
    }
    if (errors)
        json_array_append_new(errors, json_pack("{s:s, s:s}", "pointer", pointer, "detail", detail));
}

const json_t *problem_member(const struct problem *p, const char *member)
{
    return p ? json_object_get(p->members, member) : NULL;
}

static bool is_standard(const char *member)
{
    static const char *const names[] = {"type", "title", "status", "detail", "instance", "remedy"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], member) == 0)
            return true;
    return false;
}

struct problem *problem_parse(const json_t *json)
{
    const char *type = json_string_value(json_object_get(json, "type"));
    const char *slug = type ? strrchr(type, ':') : NULL, *detail = json_string_value(json_object_get(json, "detail"));
    struct problem *p = NULL;
    const char *name;
    json_t *value;

    for (size_t i = 0; slug && detail && !p && i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i].slug, slug + 1) == 0)
            p = problem_new((enum problem_slug)i, (int)json_integer_value(json_object_get(json, "status")), "%s",
                            detail);
    problem_set_remedy(p, json_string_value(json_object_get(json, "remedy")));
    json_object_foreach ((json_t *)(uintptr_t)json, name, value)
        if (p && !is_standard(name))
            problem_put(p, name, json_incref(value));
    return p;
}

int problem_status(const struct problem *p)
{
    return p->status;
}

enum problem_slug problem_slug_of(const struct problem *p)
{
    return p->slug;
}

int64_t problem_retry_after(const struct problem *p)
{
    return p->retry_after;
}

static int append(const char *text, size_t len, void *ctx)
{
    return buf_put(ctx, text, len);
}

int problem_text(const struct problem *p, const char *instance, struct buf *out)
{
    char type[64];
    int err = TGC_ENOMEM;

    snprintf(type, sizeof(type), "tag:tgcalld,2026:%s", table[p->slug].slug);
    json_t *o =
        json_pack("{s:s, s:s, s:i, s:s, s:s*, s:s*}", "type", type, "title", table[p->slug].title, "status", p->status,
                  "detail", p->detail, "instance", instance, "remedy", p->remedy ? p->remedy : table[p->slug].remedy);
    if (!o)
        return TGC_ENOMEM;
    if (p->members && json_object_update_missing(o, p->members) < 0)
        goto done;
    if (json_dump_callback(o, append, out, JSON_COMPACT) < 0) {
        err = buf_err(out) ? buf_err(out) : TGC_ENOMEM;
        goto done;
    }
    err = 0;
done:
    json_decref(o);
    return err;
}
