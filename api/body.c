#include "api/body.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/api_internal.h"
#include "api/plain_object.h"

struct problem *body_too_large(const struct request *r)
{
    const char *file = r->api->config.config_file;
    struct problem *p = problem_new(PROBLEM_TOO_LARGE, 0, "A body has at most %zu bytes", r->api->config.body_max);

    if (file)
        problem_print_remedy(p, "Send less, or raise max_body in the section [server] of %s", file);
    return p;
}

bool body_is_announced_too_large(const struct request *r)
{
    const char *given = http_request_header(r, "Content-Length");

    /* libmicrohttpd has refused what is no number; one past 64 bits becomes the largest. */
    return given && strtoull(given, NULL, 10) > r->api->config.body_max;
}

int body_feed(struct request *r, const void *data, size_t len)
{
    size_t max = r->api->config.body_max;

    r->body_seen += len;
    if (r->body_seen > 2 * max)
        return TGC_ELIMIT;
    /* What was refused goes on as filler. */
    if (r->body_seen > max || conn_refusal(r->conn, r->number)) {
        buf_fini(&r->body);
        return 0;
    }
    if (r->refused || !r->route || (!r->route->body && !r->route->body_any))
        return 0;
    return buf_put(&r->body, data, len);
}

bool body_is_json_type(const char *content_type)
{
    static const char type[] = "application/json";

    if (!content_type || strncasecmp(content_type, type, sizeof(type) - 1) != 0)
        return false;
    const char *p = content_type + sizeof(type) - 1;
    p += strspn(p, " \t");
    if (*p && *p != ';')
        return false;
    const char *charset = strcasestr(p, "charset=");
    if (!charset)
        return true;
    charset += 8;
    charset += *charset == '"';
    return strncasecmp(charset, "utf-8", 5) == 0 || strncasecmp(charset, "utf8", 4) == 0;
}

/* And what has to be in it. */
static struct problem *empty_body(const struct field *spec)
{
    char names[256] = "";
    size_t n = 0;

    for (; spec && spec->name; spec++)
        if (spec->required && n < sizeof(names))
            n += (size_t)snprintf(names + n, sizeof(names) - n, "%s\"%s\"", n ? ", " : " with ", spec->name);
    return problem_new(PROBLEM_BAD_JSON, 0, "The body is empty: a JSON object%s was expected", names);
}

static json_t *decode(struct request *r, struct faults *faults, struct problem **ret_problem)
{
    static const char mark[] = "\xef\xbb\xbf";
    json_error_t error;

    /* Some editors begin UTF-8 with a byte order mark (RFC 8259, 8.1). */
    if (r->body.len >= 3 && memcmp(r->body.data, mark, 3) == 0)
        buf_drop_front(&r->body, 3);
    if (r->body.len == 0) {
        *ret_problem = empty_body(r->route->body);
        return NULL;
    }
    json_t *json = plain_object((const char *)r->body.data, r->body.len);
    if (json)
        return json;
    json = json_loadb((const char *)r->body.data, r->body.len,
                      JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
    if (json_is_object(json))
        return json;
    if (json) {
        json_decref(json);
        faults_add(faults, NULL, "an object was expected");
        return NULL;
    }
    if (json_error_code(&error) == json_error_numeric_overflow) {
        /* JSON has no largest number: the text is sound, the value is out of our range. */
        char text[96];
        snprintf(text, sizeof(text), "the number at line %d, column %d is beyond 64 bits", error.line, error.column);
        faults_add(faults, NULL, text);
        return NULL;
    }
    /* jansson quotes what it met, which may be a password. */
    char *quoted = strstr(error.text, " near '");
    if (quoted)
        *quoted = '\0';
    *ret_problem = problem_new(PROBLEM_BAD_JSON, 0, "The body is not JSON: line %d, column %d: %s", error.line,
                               error.column, error.text);
    problem_put(*ret_problem, "line", json_integer(error.line));
    problem_put(*ret_problem, "column", json_integer(error.column));
    return NULL;
}

json_t *body_parse(struct request *r, struct faults *faults, struct problem **ret_problem)
{
    const struct route *route = r->route;
    json_t *json;

    if (r->body_seen > r->api->config.body_max) {
        *ret_problem = body_too_large(r);
        return NULL;
    }
    if (r->body.len > 0 && !body_is_json_type(http_request_header(r, "Content-Type"))) {
        *ret_problem = problem_new(PROBLEM_MEDIA_TYPE, 0, "Content-Type must be application/json");
        return NULL;
    }
    if (r->body.len == 0 && (!route->body || fields_all_optional(route->body)))
        json = json_object();
    else
        json = decode(r, faults, ret_problem);
    if (json && route->body)
        fields_check(route->body, json, faults);
    /* Null members that change nothing have gone by now, so they do not count. */
    if (json && route->body_some && json_object_size(json) == 0 && !faults->found)
        faults_add(faults, NULL, "at least one member is needed");
    return json;
}
