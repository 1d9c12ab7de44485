#include "api/guard.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/api_internal.h"

static const char *const default_hosts[] = {"localhost", "127.0.0.1", "::1", NULL};

/* RFC 3986, 3.2.2 */
enum { IN_NAME = 1, IN_BRACKETS = 2 };

static bool has_only(const char *p, const char *end, uint8_t where)
{
    static const uint8_t allowed[256] = {
        ['0' ... '9'] = IN_NAME | IN_BRACKETS,
        ['a' ... 'f'] = IN_NAME | IN_BRACKETS,
        ['g' ... 'z'] = IN_NAME,
        ['A' ... 'F'] = IN_NAME | IN_BRACKETS,
        ['G' ... 'Z'] = IN_NAME,
        ['.'] = IN_NAME | IN_BRACKETS,
        [':'] = IN_BRACKETS,
        ['-'] = IN_NAME,
        ['_'] = IN_NAME,
        ['~'] = IN_NAME,
        ['%'] = IN_NAME,
        ['!'] = IN_NAME,
        ['$'] = IN_NAME,
        ['&'] = IN_NAME,
        ['\''] = IN_NAME,
        ['('] = IN_NAME,
        [')'] = IN_NAME,
        ['*'] = IN_NAME,
        ['+'] = IN_NAME,
        [','] = IN_NAME,
        [';'] = IN_NAME,
        ['='] = IN_NAME,
    };

    while (p < end && (allowed[(uint8_t)*p] & where))
        p++;
    return p == end;
}

bool guard_host_parse(const char *text, char ret[static GUARD_HOST_SIZE])
{
    const char *start = text, *end, *port;

    if (*text == '[') {
        start++;
        end = strchr(start, ']');
        if (!end)
            return false;
        port = end + 1;
    } else {
        end = start + strcspn(start, ":");
        port = end;
    }
    size_t len = (size_t)(end - start);
    if (len == 0 || len >= GUARD_HOST_SIZE || !has_only(start, end, *text == '[' ? IN_BRACKETS : IN_NAME))
        return false;
    if (*port && (*port != ':' || strspn(port + 1, "0123456789") != strlen(port + 1)))
        return false;
    memcpy(ret, start, len);
    ret[len] = '\0';
    return true;
}

static bool is_our_host(const struct api *api, const char *text)
{
    const char *const *hosts = api->config.hosts ? api->config.hosts : default_hosts;
    char host[GUARD_HOST_SIZE], ours[GUARD_HOST_SIZE];

    if (!text || !guard_host_parse(text, host))
        return false;
    for (; *hosts; hosts++) {
        /* A bare IPv6 address is taken too: nobody brackets it in a list of hosts. */
        if (strcasecmp(host, *hosts) == 0)
            return true;
        if (guard_host_parse(*hosts, ours) && strcasecmp(host, ours) == 0)
            return true;
    }
    for (size_t i = 0; i < api->listeners_count; i++)
        if (!api->listeners[i].is_unix && strcasecmp(host, api->listeners[i].host) == 0)
            return true;
    return false;
}

/* The dashboard's own requests bear the Origin of the page, which is this server by a name that has passed the Host
 * check. */
static bool is_same_origin(const struct request *r, const char *origin, const char *host)
{
    if (r->door->listener->is_unix || !host)
        return false;
    /* Who ends TLS in front of a plain listener serves our page by the other scheme; on the way to one by TLS whoever
     * is there can serve pages of the plain one. */
    if (strncasecmp(origin, "http://", 7) == 0 && !r->door->listener->is_tls)
        origin += 7;
    else if (strncasecmp(origin, "https://", 8) == 0)
        origin += 8;
    else
        return false;
    return strcasecmp(origin, host) == 0;
}

static bool is_listed_origin(const struct api *api, const char *origin)
{
    for (const char *const *o = api->config.origins; o && *o; o++)
        if (strcasecmp(*o, origin) == 0)
            return true;
    return false;
}

/* OPTION and KEY take VALUE. */
static void add_remedy(struct problem *p, const struct request *r, const char *option, const char *key,
                       const char *value)
{
    const char *file = r->api->config.config_file;

    if (file)
        problem_print_remedy(p,
                             "Add \"%.200s\" to %s in the section [server] of %.200s, or start tgcalld with %s %.200s.",
                             value, key, file, option, value);
    else
        problem_print_remedy(p, "Start tgcalld with %s %.300s.", option, value);
}

/* Origins that no server has, so that listing them would let in whoever has none either. */
static void set_origin_remedy(struct problem *p, const struct request *r, const char *origin)
{
    static const char example[] = "http://localhost:3000";

    if (strcasecmp(origin, "null") != 0) {
        add_remedy(p, r, "--cors-origin", "cors_origins", origin);
        return;
    }
    if (r->api->config.config_file)
        problem_print_remedy(
            p,
            "The page has no origin of its own, as one that was opened from a file: serve it by HTTP, for "
            "instance at %s, and add that to cors_origins in the section [server] of %.200s.",
            example, r->api->config.config_file);
    else
        problem_print_remedy(
            p,
            "The page has no origin of its own, as one that was opened from a file: serve it by HTTP, for "
            "instance at %s, and start tgcalld with --cors-origin %s.",
            example, example);
}

/* HTTP/1.0 may leave it out. */
static struct problem *no_host(const struct request *r)
{
    const struct api_config *config = &r->api->config;
    const char *ours = config->hosts && config->hosts[0] ? config->hosts[0] : default_hosts[0];
    struct problem *p = problem_new(PROBLEM_FORBIDDEN, 0, "There is no Host header");
    bool is_bare = strchr(ours, ':') && ours[0] != '[';

    problem_print_remedy(p, "Send \"Host: %s%.250s%s\".", is_bare ? "[" : "", ours, is_bare ? "]" : "");
    return p;
}

bool guard_check(struct request *r)
{
    const char *host = r->target.authority ? r->target.authority : http_request_header(r, "Host");
    const char *origin = http_request_header(r, "Origin");
    char name[GUARD_HOST_SIZE];

    if (host && host[0] && !guard_host_parse(host, name)) {
        r->must_close = true;
        http_request_refuse(r,
                            problem_new(PROBLEM_BAD_JSON, 0, "The Host header is not a host with or without a port"));
        return false;
    }
    if (!r->door->listener->is_unix && (!host || !host[0])) {
        http_request_refuse(r, no_host(r));
        return false;
    }
    if (!r->door->listener->is_unix && !is_our_host(r->api, host)) {
        struct problem *p = problem_new(PROBLEM_FORBIDDEN, 0, "The Host header is not one of this server's names");
        add_remedy(p, r, "--host", "hosts", name);
        http_request_refuse(r, p);
        return false;
    }
    if (!origin)
        return true;
    if (is_listed_origin(r->api, origin)) {
        r->origin = origin;
        return true;
    }
    if (is_same_origin(r, origin, host))
        return true;
    struct problem *p = problem_new(PROBLEM_FORBIDDEN, 0, "Pages of this Origin may not use this server");
    set_origin_remedy(p, r, origin);
    http_request_refuse(r, p);
    return false;
}

bool guard_is_preflight(const struct request *r)
{
    return r->origin && r->method == HTTP_OTHER && http_request_header(r, "Access-Control-Request-Method") != NULL;
}
