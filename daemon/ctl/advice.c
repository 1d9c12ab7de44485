#include "daemon/ctl/advice.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/utf8.h"
#include "daemon/ctl/command.h"
#include "daemon/ctl/member.h"

/* "…" stands in a path for what the reader knows. */
#define ANY "\xe2\x80\xa6"

struct advice_line {
    char *out;
    size_t len, size;
};

static void put(struct advice_line *t, const char *bytes, size_t n)
{
    size_t room = t->size - 1 - t->len;

    n = n > room ? utf8_cut(bytes, room) : n;
    memcpy(t->out + t->len, bytes, n);
    t->len += n;
    t->out[t->len] = '\0';
}

static void put_text(struct advice_line *t, const char *text)
{
    put(t, text, strlen(text));
}

/* A segment of a path up to its end, or to where a query begins. */
static size_t segment(const char *at, const char *end)
{
    size_t n = 0;

    while (at + n < end && at[n] != '/' && at[n] != '?')
        n++;
    return n;
}

static bool is_known(const char *value, size_t n)
{
    return n > 0 && value[0] != '{' && !(n == sizeof(ANY) - 1 && memcmp(value, ANY, n) == 0);
}

/* Walks the pattern PATH and a request's path together; NAME, unless it is NULL, is the word whose value is wanted. */
static bool walk(const char *path, const char *at, const char *end, const char *name, const char **ret_value,
                 size_t *ret_n)
{
    for (;;) {
        size_t n = segment(at, end), wanted = strcspn(path, "/");
        if (path[0] == '{') {
            if (n == 0)
                return false;
            if (name && strlen(name) == wanted - 2 && memcmp(path + 1, name, wanted - 2) == 0) {
                *ret_value = at;
                *ret_n = n;
            }
        } else if (n != wanted || memcmp(path, at, n) != 0) {
            return false;
        }
        at += n;
        path += wanted;
        bool is_end = at == end || *at == '?';
        if (is_end || *path == '\0')
            return is_end && *path == '\0';
        at++;
        path++;
    }
}

static bool makes(const struct ctl_verb *v, const char *method, size_t method_n, const char *at, const char *end)
{
    return v->path && v->method && !v->body && strlen(v->method) == method_n &&
           memcmp(v->method, method, method_n) == 0 && walk(v->path, at, end, NULL, NULL, NULL);
}

static const struct ctl_verb *find(const char *method, size_t method_n, const char *at, const char *end,
                                   const struct ctl_command **ret_command)
{
    for (const struct ctl_command *c = ctl_commands; c->name; c++) {
        *ret_command = c;
        if (c->verb && makes(c->verb, method, method_n, at, end))
            return c->verb;
        for (const struct ctl_verb *v = c->verbs; v && v->name; v++)
            if (makes(v, method, method_n, at, end))
                return v;
    }
    return NULL;
}

static void put_words(struct advice_line *t, const struct ctl_verb *v, const char *at, const char *end)
{
    for (const struct ctl_word *w = v->words; w && w->name; w++) {
        const char *value = NULL;
        size_t n = 0;
        if (w->option || w->may_lack)
            continue;
        walk(v->path, at, end, w->name, &value, &n);
        put_text(t, " ");
        if (value && is_known(value, n))
            put(t, value, n);
        else
            put_text(t, w->arg);
    }
}

/* "?account=bob&state=active" as options. */
static void put_query(struct advice_line *t, const struct ctl_verb *v, const char *at, const char *end)
{
    while (at < end) {
        const char *name = at + 1, *equals = memchr(name, '=', (size_t)(end - name));
        if (!equals)
            break;
        at = equals;
        while (at < end && *at != '&')
            at++;
        for (const struct ctl_word *w = v->words; w && w->name; w++) {
            size_t n = strlen(w->name);
            if (!w->option || n != (size_t)(equals - name) || memcmp(w->name, name, n) != 0)
                continue;
            put_text(t, " --");
            put_text(t, w->option);
            put_text(t, w->arg ? " " : "");
            put(t, equals + 1, w->arg ? (size_t)(at - equals - 1) : 0);
        }
    }
}

/* How long the request is that TEXT begins with; 0: it begins with none. */
static size_t put_request(struct advice_line *t, const char *text)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    const struct ctl_command *command;

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        size_t method_n = strlen(methods[i]);
        if (strncmp(text, methods[i], method_n) != 0 || strncmp(text + method_n, " /v1/", 5) != 0)
            continue;
        const char *path = text + method_n + 1, *end = path + strcspn(path, " ,;:\"");
        while (end[-1] == '.' || end[-1] == ')')
            end--;
        const struct ctl_verb *v = find(methods[i], method_n, path, end, &command);
        if (!v)
            return 0;
        const char *query = memchr(path, '?', (size_t)(end - path));
        put_text(t, "tgcalldctl ");
        put_text(t, command->name);
        put_text(t, command->verbs ? " " : "");
        put_text(t, command->verbs ? v->name : "");
        put_words(t, v, path, end);
        put_query(t, v, query ? query : end, end);
        return (size_t)(end - text);
    }
    return 0;
}

void advice_put(const char *remedy, char *out, size_t size)
{
    struct advice_line t = {out, 0, size};

    out[0] = '\0';
    while (*remedy && t.len < size - 1) {
        size_t n = put_request(&t, remedy), word = strcspn(remedy, " (");
        if (n == 0) {
            n = word + (remedy[word] ? 1 : 0);
            put(&t, remedy, n);
        }
        remedy += n;
    }
}

/* Which of several accounts is meant says an option, wherever the API has the member. */
static bool put_account(const json_t *problem, const char *remedy, char *out, size_t size)
{
    const json_t *names = json_object_get(problem, "accounts"), *name;
    struct advice_line t = {out, 0, size};
    size_t i;

    if (json_array_size(names) == 0 || strncmp(remedy, "Give the ", strlen("Give the ")) != 0)
        return false;
    out[0] = '\0';
    put_text(&t, "Say which: ");
    json_array_foreach (names, i, name) {
        put_text(&t, i ? " or --account " : "--account ");
        put_text(&t, json_is_string(name) ? json_string_value(name) : "?");
    }
    return true;
}

void advice_of(const json_t *problem, char *out, size_t size)
{
    const char *remedy = member_text(problem, "remedy");

    if (!put_account(problem, remedy, out, size))
        advice_put(remedy, out, size);
}
