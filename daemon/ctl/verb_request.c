#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/base/percent.h"
#include "daemon/base/time_text.h"
#include "daemon/ctl/command.h"
#include "daemon/ctl/verb.h"

enum { SEGMENT_SIZE = 1536, WORD_NAME_SIZE = 64 };

const char *ctl_verb_method(const struct ctl_words *words)
{
    for (size_t i = 0; i < words->given_n; i++)
        if (words->given[i].word->method)
            return words->given[i].word->method;
    return words->verb->method;
}

struct path {
    char *out;
    size_t len, size;
    bool is_long;
};

static void put(struct path *p, const char *text, size_t n)
{
    if (n >= p->size - p->len) {
        p->is_long = true;
        return;
    }
    memcpy(p->out + p->len, text, n);
    p->len += n;
    p->out[p->len] = '\0';
}

static void put_encoded(struct path *p, const char *text)
{
    char segment[SEGMENT_SIZE];

    if (!percent_encode(text, strlen(text), segment, sizeof(segment)))
        p->is_long = true;
    put(p, segment, strlen(segment));
}

static void put_query(struct path *p, const struct ctl_words *words)
{
    char mark = '?';

    for (size_t i = 0; i < words->given_n; i++) {
        const struct ctl_word *w = words->given[i].word;
        if (w->place != CTL_IN_QUERY)
            continue;
        put(p, &mark, 1);
        put(p, w->name, strlen(w->name));
        put(p, "=", 1);
        put_encoded(p, words->given[i].text);
        mark = '&';
    }
}

int ctl_verb_path(const struct ctl_words *words, char *out, size_t size)
{
    struct path p = {out, 0, size, false};
    const char *at = words->verb->path;
    char name[WORD_NAME_SIZE];

    out[0] = '\0';
    for (;;) {
        size_t n = strcspn(at, "{");
        put(&p, at, n);
        if (at[n] == '\0')
            break;
        at += n + 1;
        n = strcspn(at, "}");
        snprintf(name, sizeof(name), "%.*s", (int)n, at);
        const char *value = ctl_given(words, name);
        put_encoded(&p, value ? value : "");
        at += n + 1;
    }
    put_query(&p, words);
    return p.is_long ? TGC_ELIMIT : 0;
}

int ctl_query_add(char *path, size_t len, size_t size, const char *name, const char *value)
{
    struct path p = {path, len, size, false};

    path[len] = '\0';
    put(&p, strchr(path, '?') ? "&" : "?", 1);
    put(&p, name, strlen(name));
    put(&p, "=", 1);
    put_encoded(&p, value);
    return p.is_long ? TGC_ELIMIT : 0;
}

static json_t *read_number(const char *text)
{
    char *end;

    errno = 0;
    long long n = strtoll(text, &end, 10);
    return errno || end == text || *end ? NULL : json_integer(n);
}

/* What is neither a number nor a time from now is the API's to judge. */
static json_t *read_date(const char *text)
{
    int64_t later;

    if (text[0] == '+' && time_duration_parse(text + 1, &later) == 0)
        return json_integer((json_int_t)time(NULL) + (json_int_t)(later / 1000000));
    json_t *seconds = read_number(text);
    return seconds ? seconds : json_string(text);
}

static json_t *read_span(const char *text)
{
    int64_t us;

    return time_duration_parse(text, &us) == 0 && us % 1000000 == 0 ? json_integer((json_int_t)(us / 1000000)) : NULL;
}

static json_t *read_switch(const char *text)
{
    static const char *const yes[] = {"yes", "true", "on"}, *const no[] = {"no", "false", "off"};

    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        if (strcmp(text, yes[i]) == 0)
            return json_true();
        if (strcmp(text, no[i]) == 0)
            return json_false();
    }
    return NULL;
}

static json_t *read_value(const struct ctl_word *w, const char *text)
{
    switch (w->kind) {
    case CTL_NUMBER:
    case CTL_NUMBERS:
        return read_number(text);
    case CTL_DATE:
        return read_date(text);
    case CTL_SWITCH:
        return read_switch(text);
    case CTL_SPAN:
        return read_span(text);
    case CTL_TRUE:
        return json_true();
    case CTL_NULL:
        return json_null();
    case CTL_EMPTY:
        return json_array();
    case CTL_TEXT:
    case CTL_LIST:
        break;
    }
    return json_string(text);
}

static int put_member(json_t *body, const struct ctl_given *given, struct fault *fault)
{
    const struct ctl_word *w = given->word;
    json_t *value = read_value(w, given->text), *list;
    int failed;

    if (!value)
        return fault_set(fault, TGC_EINVAL, "%s%s: '%s' is not %s", w->option ? "--" : "",
                         w->option ? w->option : w->arg, given->text,
                         w->kind == CTL_NUMBER || w->kind == CTL_NUMBERS ? "a whole number"
                         : w->kind == CTL_SWITCH                         ? "yes or no"
                         : w->kind == CTL_SPAN                           ? "a time such as 90, 90s, 10m or 2h"
                                                                         : "text in UTF-8");
    if (!ctl_is_list(w))
        return json_object_set_new(body, w->name, value) == 0 ? 0 : fault_set(fault, TGC_ENOMEM, "out of memory");
    list = json_object_get(body, w->name);
    failed = list ? 0 : json_object_set_new(body, w->name, json_array());
    if (json_array_append_new(json_object_get(body, w->name), value) != 0 || failed)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    return 0;
}

/* A DELETE says what of it is to go, or has no body at all. */
static bool has_members(const struct ctl_words *words)
{
    for (size_t i = 0; i < words->given_n; i++)
        if (words->given[i].word->place == CTL_IN_BODY)
            return true;
    return false;
}

int ctl_verb_body(const struct ctl_words *words, json_t **ret_body, struct fault *fault)
{
    const char *method = ctl_verb_method(words);
    bool has_body = strcmp(method, "GET") != 0 && (strcmp(method, "DELETE") != 0 || has_members(words));
    const char *always = words->verb->body;
    json_t *body = !has_body ? NULL : always ? json_loads(always, 0, NULL) : json_object();
    int err = has_body && !body ? fault_set(fault, TGC_ENOMEM, "out of memory") : 0;

    for (size_t i = 0; has_body && !err && i < words->given_n; i++)
        if (words->given[i].word->place == CTL_IN_BODY)
            err = put_member(body, &words->given[i], fault);
    if (err) {
        json_decref(body);
        body = NULL;
    }
    *ret_body = body;
    return err;
}
