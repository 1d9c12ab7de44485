#include "api/ep.h"

#include <string.h>

#include "api/api_internal.h"
#include "api/reply.h"

int ep_version(struct request *r)
{
    return reply_static(r, 200, r->api->version_text, strlen(r->api->version_text));
}
