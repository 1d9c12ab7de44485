#include "api/route.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/percent.h"

static const char *const method_names[] = {
    [HTTP_GET] = "GET",     [HTTP_POST] = "POST",     [HTTP_PUT] = "PUT",
    [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE", [HTTP_OTHER] = "",
};

enum http_method http_method_parse(const char *text, bool *ret_head)
{
    *ret_head = strcmp(text, "HEAD") == 0;
    if (*ret_head)
        return HTTP_GET;
    for (int m = HTTP_GET; m < HTTP_OTHER; m++)
        if (strcmp(text, method_names[m]) == 0)
            return (enum http_method)m;
    return HTTP_OTHER;
}

const char *http_method_text(enum http_method method)
{
    return method_names[method];
}

/* Steps over one segment of a pattern, "/name" or "/{param}"; NULL at the end. */
static const char *pattern_next(const char *pattern, const char **ret_text, size_t *ret_len)
{
    if (pattern[0] != '/' || !pattern[1])
        return NULL;
    *ret_text = pattern + 1;
    *ret_len = strcspn(pattern + 1, "/");
    return pattern + 1 + *ret_len;
}

/* Byte by byte: every request runs this for every row, and most rows part from it within a few bytes. */
static bool is_match(const char *pattern, const struct target *target)
{
    size_t i = 0;

    for (; pattern[0] == '/' && pattern[1]; i++) {
        if (i >= target->count)
            return false;
        const char *segment = target->segments[i];
        pattern++;
        if (pattern[0] == '{') {
            if (!segment[0])
                return false;
            pattern = strchrnul(pattern, '/');
            continue;
        }
        for (; pattern[0] && pattern[0] != '/'; pattern++, segment++)
            if (segment[0] != pattern[0])
                return false;
        if (segment[0])
            return false;
    }
    return i == target->count;
}

int route_find(const struct target *target, enum http_method method, const struct route **ret, unsigned *ret_methods)
{
    unsigned methods = 0;

    if (target->count > TARGET_SEGMENTS_MAX)
        return TGC_EUNKNOWN;
    for (size_t i = 0; i < routes_count; i++) {
        if (!is_match(routes[i].pattern, target))
            continue;
        if (routes[i].method == method) {
            *ret = &routes[i];
            return 0;
        }
        methods |= 1u << routes[i].method;
    }
    if (!methods)
        return TGC_EUNKNOWN;
    *ret_methods = methods;
    return TGC_EINVAL;
}

/* SHORT enough to be read in a sentence. */
enum { SHOWN_MAX = 48 };

void route_text(const char *pattern, const char *const *segments, size_t n, char out[static ROUTE_TEXT_SIZE])
{
    const char *text;
    char shown[SHOWN_MAX + 1];
    size_t len, at = 0;

    snprintf(out, ROUTE_TEXT_SIZE, "/");
    for (size_t i = 0; (pattern = pattern_next(pattern, &text, &len)) != NULL && at < ROUTE_TEXT_SIZE; i++) {
        bool is_param = text[0] == '{';
        if (is_param && i < n && segments[i][0] &&
            percent_encode(segments[i], strlen(segments[i]), shown, sizeof(shown))) {
            at += (size_t)snprintf(out + at, ROUTE_TEXT_SIZE - at, "/%s", shown);
            continue;
        }
        size_t start = at + 1;
        at +=
            (size_t)snprintf(out + at, ROUTE_TEXT_SIZE - at, "/%.*s", (int)(is_param ? len - 2 : len), text + is_param);
        for (size_t k = start; is_param && k < at && k < ROUTE_TEXT_SIZE; k++)
            out[k] = (char)(out[k] >= 'a' && out[k] <= 'z' ? out[k] - 'a' + 'A' : out[k]);
    }
}

unsigned route_list_text(const struct target *target, char *out, size_t size)
{
    char path[ROUTE_TEXT_SIZE];
    unsigned n = 0;
    size_t at = 0;

    out[0] = '\0';
    for (size_t i = 0; i < routes_count; i++) {
        if (routes[i].does == ROUTE_UNBUILT || !is_match(routes[i].pattern, target))
            continue;
        route_text(routes[i].pattern, target->segments, target->count, path);
        int len = snprintf(out + at, size - at, "%s%s %s", n ? ", " : "", http_method_text(routes[i].method), path);
        if (len < 0 || (size_t)len >= size - at) {
            out[at] = '\0';
            break;
        }
        at += (size_t)len;
        n++;
    }
    return n;
}

static int check_id(const char *text, json_t *path, struct faults *faults)
{
    int64_t id;

    return field_parse_int64(text, &id) ? 0 : TGC_EUNKNOWN;
}

static int check_name(const char *text, json_t *path, struct faults *faults)
{
    return field_is_account(text) ? 0 : TGC_EUNKNOWN;
}

static int check_method(const char *text, json_t *path, struct faults *faults)
{
    static const char set[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
    size_t len = strlen(text);

    return len <= 128 && strspn(text, set) == len ? 0 : TGC_EUNKNOWN;
}

static int check_peer(const char *text, json_t *path, struct faults *faults)
{
    static const struct field spec[] = {{.name = "peer", .type = FIELD_PEER, .required = true}, {.name = NULL}};
    /* By itself: other parameters of the path are judged by their own names. */
    json_t *alone = json_pack("{s:O}", "peer", json_object_get(path, "peer"));

    if (!alone)
        return TGC_ENOMEM;
    fields_check(spec, alone, faults);
    json_decref(alone);
    return 0;
}

static const struct {
    const char *name;
    int (*check)(const char *text, json_t *path, struct faults *faults);
    const char *rule;
} params[] = {
    {"id", check_id, "An id is a whole number of 64 bits, as GET /v1/calls shows them"},
    {"name", check_name,
     "The name of an account is 1 to 32 of a-z, 0-9, '_' and '-', not starting with '_' or '-'; GET /v1/accounts lists "
     "those there are"},
    {"schedule", check_name,
     "The name of a schedule is 1 to 32 of a-z, 0-9, '_' and '-', not starting with '_' or '-'; GET /v1/schedules "
     "lists those there are"},
    {"token", check_name,
     "The name of a token is 1 to 32 of a-z, 0-9, '_' and '-', not starting with '_' or '-'; GET /v1/tokens lists "
     "those "
     "there are"},
    {"webhook", check_name,
     "The name of a webhook is 1 to 32 of a-z, 0-9, '_' and '-', not starting with '_' or '-'; GET /v1/webhooks lists "
     "those there are"},
    {"method", check_method,
     "The name of a method is as Telegram writes it, such as phone.createGroupCall: letters, digits, '_' and '.'"},
    {"peer", check_peer, NULL},
};

int route_params(const struct route *route, const struct target *target, json_t *path, struct faults *faults,
                 const char **ret_rule)
{
    const char *pattern = route->pattern, *text;
    size_t len, i = 0;

    while ((pattern = pattern_next(pattern, &text, &len)) != NULL) {
        const char *value = target->segments[i++];
        if (text[0] != '{')
            continue;
        for (size_t p = 0; p < sizeof(params) / sizeof(params[0]); p++) {
            const char *name = params[p].name;
            if (strlen(name) != len - 2 || strncmp(name, text + 1, len - 2) != 0)
                continue;
            if (json_object_set_new(path, name, json_string(value)) < 0)
                return TGC_ENOMEM;
            int err = params[p].check(value, path, faults);
            if (err) {
                *ret_rule = params[p].rule;
                return err;
            }
        }
    }
    return 0;
}

void route_allow_text(unsigned methods, char out[static ROUTE_ALLOW_SIZE])
{
    size_t n = 0;

    out[0] = '\0';
    for (int m = HTTP_GET; m < HTTP_OTHER; m++)
        if (methods & 1u << m)
            n += (size_t)snprintf(out + n, ROUTE_ALLOW_SIZE - n, "%s%s", n ? ", " : "",
                                  m == HTTP_GET ? "GET, HEAD" : method_names[m]);
}
