#include "api/follow.h"

static struct event *gap(const struct clock_source *clock, uint64_t after, uint64_t resumes_after)
{
    return event_new_gap(resumes_after, after, clock_wall_us(clock) / SECOND_US);
}

int follow_begin(struct events *e, const struct clock_source *clock, uint64_t after, struct event **ret)
{
    uint64_t newest = events_newest(e);
    struct event *made = after > newest ? gap(clock, after, newest) : NULL;

    if (after > newest && !made)
        return TGC_ENOMEM;
    *ret = made;
    return 0;
}

enum events_found follow_next(struct events *e, const struct clock_source *clock, uint64_t after, struct event **ret)
{
    enum events_found found = events_next(e, after, ret);

    if (found != EVENTS_OLDER)
        return found;
    struct event *made = gap(clock, after, events_oldest_here(e) - 1);
    if (!made)
        return EVENTS_NONE;
    *ret = made;
    return EVENTS_NEXT;
}
