#include "api/ep.h"

#include "api/api_internal.h"
#include "api/reply.h"

int ep_openapi(struct request *r)
{
    const struct api *api = r->api;

    if (!api->config.openapi)
        return reply_problem(r, problem_new(PROBLEM_NOT_FOUND, 0, "The description is not installed"));
    return reply_static(r, 200, api->config.openapi, api->openapi_len);
}
