#include "daemon/sandbox/centre/invocation.h"

bool invocation_is_struck(struct invocation *v, const char *type, int64_t *ret_ms)
{
    json_t *rule = inject_take(&v->ss->s->inject, type, v->method);

    if (!rule)
        return false;
    if (ret_ms)
        *ret_ms = json_get_long(rule, "ms");
    json_decref(rule);
    return true;
}

bool invocation_is_served_by_another(const struct invocation *v)
{
    return v->q.schema && tl_schema_layer(v->q.schema) != v->q.layer;
}
