#include "daemon/sandbox/centre/tell.h"

#include "daemon/base/log.h"

/* Whether one more line of the log may be about this client. */
static bool may_tell(struct invocation *v)
{
    enum { LINES_MAX = 16 };

    return v->ss->auth->told_of < LINES_MAX && v->ss->auth->told_of++ < LINES_MAX;
}

static const char *app_of(const struct invocation *v)
{
    return *v->ss->auth->app ? v->ss->auth->app : "a client";
}

void tell_unknown(struct invocation *v, const char *what)
{
    if (!may_tell(v))
        return;
    if (invocation_is_served_by_another(v))
        log_notice("sandbox",
                   "%s speaks layer %d: %s is not in layer %d, by which it is served; give its own: --schema FILE",
                   app_of(v), v->q.layer, what, tl_schema_layer(v->q.schema));
    else
        log_notice("sandbox", "%s: %s is not in its layer %d", app_of(v), what, v->q.layer);
}

void tell_other_layer(struct invocation *v)
{
    if (invocation_is_served_by_another(v) && may_tell(v))
        log_notice("sandbox",
                   "%s speaks layer %d, which is not loaded: it is served by layer %d where its constructors are "
                   "known there; give its own: --schema FILE",
                   app_of(v), v->q.layer, tl_schema_layer(v->q.schema));
}

void tell_unserved(struct invocation *v)
{
    if (may_tell(v))
        log_notice("sandbox", "%s: %s is not served by the sandbox", app_of(v), v->method);
}
