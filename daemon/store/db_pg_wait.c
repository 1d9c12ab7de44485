#include "daemon/store/db_pg.h"

/* What who ends leaves to a server that answers; and how late it may notice that it is to end. */
enum { MOMENT_US = 1000 * 1000, NOTICE_US = 200 * 1000 };

static int poll_ms(int64_t left_us)
{
    return left_us <= 0 ? 0 : left_us > 3600 * SECOND_US ? 3600 * 1000 : (int)(left_us / 1000) + 1;
}

static int64_t until_of(const struct pg *pg, int64_t until_us)
{
    int64_t stop_us = pg->stop_us ? atomic_load(pg->stop_us) : 0;

    if (!stop_us)
        return until_us;
    stop_us = stop_us > pg->begun_us + MOMENT_US ? stop_us : pg->begun_us + MOMENT_US;
    return stop_us < until_us ? stop_us : until_us;
}

void pg_begin_wait(struct pg *pg)
{
    pg->begun_us = clock_mono_us(pg->clock);
}

bool pg_is_over(const struct pg *pg, int64_t until_us)
{
    return clock_mono_us(pg->clock) >= until_of(pg, until_us);
}

int pg_poll(struct pg *pg, struct pollfd *at, int64_t until_us)
{
    int64_t left_us = until_of(pg, until_us) - clock_mono_us(pg->clock);

    return poll(at, 1, poll_ms(pg->stop_us && left_us > NOTICE_US ? NOTICE_US : left_us));
}
