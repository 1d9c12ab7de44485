#include "api/follow.h"

int follow_gap(struct events *e, const struct clock_source *clock, uint64_t after, uint64_t *look, struct event **ret)
{
    uint64_t newest;
    struct event *gap = NULL;

    if (events_is_lost(e, after, look, &newest)) {
        gap = event_new_gap(newest, after, clock_wall_us(clock) / SECOND_US);
        if (!gap)
            return TGC_ENOMEM;
    }
    *ret = gap;
    return 0;
}

struct job *follow_older(uint64_t after, size_t limit, int64_t deadline_us)
{
    json_t *query = json_pack("{s:I, s:I}", "after", (json_int_t)after, "limit", (json_int_t)limit);
    struct job *job = query ? job_new(JOB_EVENTS_READ, NULL, query, NULL) : NULL;

    if (job)
        job->deadline_us = deadline_us;
    return job;
}
