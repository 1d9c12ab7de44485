#include "tests/support/fake_clock.h"

#include <stddef.h>

static int64_t mono(void *ctx)
{
    return ((struct fake_clock *)ctx)->mono_us;
}

static int64_t wall(void *ctx)
{
    return ((struct fake_clock *)ctx)->wall_us;
}

void fake_clock_init(struct fake_clock *c)
{
    c->mono_us = 77 * SECOND_US;
    c->wall_us = 1700000000 * SECOND_US;
    c->source = (struct clock_source){mono, wall, c};
}

void fake_clock_pass(struct fake_clock *c, int64_t us)
{
    c->mono_us += us;
    c->wall_us += us;
}

struct fake_clock *fake_clock_of(const struct clock_source *source)
{
    return source->mono_us == mono ? source->ctx : NULL;
}
