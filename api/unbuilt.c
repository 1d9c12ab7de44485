#include "api/unbuilt.h"

void unbuilt_check(struct request *r)
{
    if (r->route->does == ROUTE_UNBUILT) {
        char path[ROUTE_TEXT_SIZE];
        route_text(r->route->pattern, r->target.segments, r->target.count, path);
        http_request_refuse(r, problem_new(PROBLEM_NOT_IMPLEMENTED, 0, "%s %s is not there yet",
                                           http_method_text(r->route->method), path));
    }
}
