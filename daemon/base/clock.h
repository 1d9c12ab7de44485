/* Clocks, handed in so that tests can turn them by hand. All times in the daemon are microseconds on a monotonic clock;
 * wall time is for logs, JSON and the first guess at the server's time only. */
#ifndef TGCALLD_BASE_CLOCK_H
#define TGCALLD_BASE_CLOCK_H

#include <stdint.h>

#define SECOND_US INT64_C(1000000)

struct clock_source {
    int64_t (*mono_us)(void *ctx); /* never goes back; its zero means nothing */
    int64_t (*wall_us)(void *ctx); /* since the Unix epoch; may jump */
    void *ctx;
};

/* CLOCK_BOOTTIME (it counts a suspended machine's sleep too) and CLOCK_REALTIME. */
extern const struct clock_source clock_system;

static inline int64_t clock_mono_us(const struct clock_source *c)
{
    return c->mono_us(c->ctx);
}

static inline int64_t clock_wall_us(const struct clock_source *c)
{
    return c->wall_us(c->ctx);
}

#endif
