#include "daemon/events_kept.h"

#include "daemon/base/limits.h"
#include "daemon/store/event_rows.h"

int events_kept_open(const struct store *store, bool shared, struct events **ret)
{
    struct store_events_place at = store_events_place(store);

    return events_new(&(struct events_config){.ring = LIMIT_EVENTS_HERE,
                                              .ring_bytes = LIMIT_EVENTS_HERE_BYTES,
                                              .newest = (uint64_t)at.newest,
                                              .reserved_before = (uint64_t)at.reserved_before,
                                              .reserved = (uint64_t)at.reserved,
                                              .is_written = !shared,
                                              .is_shared = shared,
                                              .clock = &clock_system},
                      ret);
}

/* A daemon that was alone with the database reserves numbers, and gives those back that it did not need. */
void events_kept_take_over(const struct store *store, struct events *events, bool died)
{
    struct store_events_place at = store_events_place(store);

    if (died || at.reserved_before > at.newest)
        events_lose(events, "");
}

static void nobody(void *ctx)
{
    (void)ctx;
}

/* Where it fails, the next process begins with a gap that was none. */
static void say_that_it_ended(struct store *store, uint64_t last)
{
    struct store_desk *desk;

    if (store_desk_new(store, nobody, NULL, &desk) != 0)
        return;
    (void)!store_end_events(desk, (int64_t)last, NULL, NULL);
    store_desk_free(desk);
}

void events_kept_close(struct store *store, struct events *events)
{
    if (store && events && !events_are_shared(events) && events_are_written(events))
        say_that_it_ended(store, events_newest(events));
    events_free(events);
}
