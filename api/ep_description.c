#include "api/ep.h"

#include <string.h>

#include "api/api_internal.h"
#include "api/reply.h"

static int reply_description(struct request *r, const char *text)
{
    if (!text)
        return reply_problem(r, problem_new(PROBLEM_NOT_FOUND, 0, "The description is not installed"));
    return reply_static(r, 200, text, strlen(text));
}

int ep_openapi(struct request *r)
{
    return reply_description(r, r->api->config.openapi);
}

int ep_asyncapi(struct request *r)
{
    return reply_description(r, r->api->config.asyncapi);
}
