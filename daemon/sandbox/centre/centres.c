#include "daemon/sandbox/centre/centres.h"

static int64_t distance(const struct tl_schema *schema, int layer)
{
    int64_t d = (int64_t)tl_schema_layer(schema) - layer;

    return d < 0 ? -d : d;
}

const struct tl_schema *centres_schema(const struct centres *s, int layer)
{
    const struct tl_schema *nearest = NULL;

    for (size_t i = 0; i < s->schemas_n && layer > 0; i++)
        if (!nearest || distance(s->schemas[i], layer) < distance(nearest, layer))
            nearest = s->schemas[i];
    return nearest;
}

int64_t centres_now_us(const struct centres *s)
{
    return world_now_us(&s->world);
}

void centres_trace(struct centres *s, json_t *event)
{
    if (event)
        trace_add(&s->trace, clock_wall_us(s->world.clock), event);
    /* Whatever changes the world is told here. */
    if (s->on_change)
        s->on_change(s->on_change_ctx);
}
