#include "daemon/tg/connection/backoff.h"

#include "daemon/base/clock.h"

enum { FIRST_MS = 500, MOST_MS = 60000, HEALTHY_S = 30 };

int64_t backoff_next(struct backoff *b, int64_t now_us, int64_t at_least_us, const struct random_source *random)
{
    bool was_healthy = b->healthy_since_us && now_us - b->healthy_since_us >= HEALTHY_S * SECOND_US;

    /* A server that wants a pause is not served by one that begins anew each time. */
    if (was_healthy || (b->was_useful && !at_least_us))
        b->wait_us = 0;
    b->healthy_since_us = 0;
    b->was_useful = false;
    b->wait_us = b->wait_us ? b->wait_us * 2 : FIRST_MS * INT64_C(1000);
    if (b->wait_us < at_least_us)
        b->wait_us = at_least_us;
    if (b->wait_us > MOST_MS * INT64_C(1000))
        b->wait_us = MOST_MS * INT64_C(1000);
    int64_t wait_us = b->wait_us * (700 + (int64_t)random_below(random, 601)) / 1000;
    return wait_us < at_least_us ? at_least_us : wait_us;
}

void backoff_healthy(struct backoff *b, int64_t now_us)
{
    if (!b->healthy_since_us)
        b->healthy_since_us = now_us;
}

void backoff_useful(struct backoff *b)
{
    b->was_useful = true;
}
