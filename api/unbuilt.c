#include "api/unbuilt.h"

#include <string.h>
#include <strings.h>

static bool is_one_of(const char *text, size_t len, const char *word)
{
    return strlen(word) == len && strncasecmp(text, word, len) == 0;
}

/* RFC 7240: preferences are a list; those we do not know are ignored, as it says. */
static bool asks_to_defer(const char *prefer)
{
    while (*prefer) {
        prefer += strspn(prefer, " \t,");
        size_t len = strcspn(prefer, " \t,;=");
        if (is_one_of(prefer, len, "respond-async") || is_one_of(prefer, len, "wait"))
            return true;
        prefer += strcspn(prefer, ",");
    }
    return false;
}

static enum MHD_Result look_at_header(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
    const char **found = ctx;

    if (strcasecmp(name, "Idempotency-Key") == 0)
        *found = "Idempotency-Key";
    else if (strcasecmp(name, "Prefer") == 0 && value && asks_to_defer(value))
        *found = "Prefer";
    return MHD_YES;
}

void unbuilt_check(struct request *r)
{
    const char *header = NULL;

    if (r->route->does == ROUTE_UNBUILT) {
        char path[ROUTE_TEXT_SIZE];
        route_text(r->route->pattern, r->target.segments, r->target.count, path);
        http_request_refuse(r, problem_new(PROBLEM_NOT_IMPLEMENTED, 0, "%s %s is not there yet",
                                           http_method_text(r->route->method), path));
        return;
    }
    if (r->method != HTTP_POST)
        return;
    MHD_get_connection_values(r->connection, MHD_HEADER_KIND, look_at_header, &header);
    if (header) {
        struct problem *p = problem_new(PROBLEM_NOT_IMPLEMENTED, 0, "The header %s is not there yet", header);
        problem_print_remedy(p, "Leave the header %s out", header);
        http_request_refuse(r, p);
    }
}
