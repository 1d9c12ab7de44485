#include "api/ep.h"

#include "api/reply.h"

int ep_health(struct request *r)
{
    static const char text[] = "{\"status\":\"ok\"}\n";

    return reply_static(r, 200, text, sizeof(text) - 1);
}
