#include "daemon/worker/schedule_skip.h"

#include <stdio.h>
#include <string.h>

#include "daemon/calendar/title.h"

/* Nobody leaves more of them out, one by one. */
enum { SKIPS_MAX = 100 };

struct skip {
    int64_t at;
    char clock[24]; /* what the clocks of the zone say then */
};

static struct skip skip_of(const struct schedule_spec *s, int64_t at)
{
    struct skip ret = {.at = at};
    char text[CALENDAR_TITLE_SIZE];

    if (calendar_title("%Y-%m-%d %H:%M:%S", s->timezone, at, text, NULL) == 0)
        snprintf(ret.clock, sizeof(ret.clock), "%.23s", text);
    return ret;
}

/* A schedule that moves to another zone is held by the clocks there. */
static bool is_one_of(const struct skip *skips, size_t n, const struct skip *date)
{
    for (size_t i = 0; i < n; i++)
        if (skips[i].at == date->at || (date->clock[0] && strcmp(skips[i].clock, date->clock) == 0))
            return true;
    return false;
}

int64_t schedule_skip_up_to(const struct schedule_spec *before, const struct schedule_spec *after, int64_t now,
                            int64_t skipped_at)
{
    struct skip skips[SKIPS_MAX];
    int64_t at = now, up_to = now;
    struct schedule_dates dates;
    size_t n = 0;

    /* A single date that is another one is meant to be held. */
    if (before->at && before->at == after->at)
        return skipped_at > now ? skipped_at : now;
    if (skipped_at <= now || before->at || after->at || schedule_dates_open(before, &dates, NULL) != 0)
        return now;
    while (n < SKIPS_MAX && schedule_dates_next(&dates, at, &at) && at <= skipped_at)
        skips[n++] = skip_of(before, at);
    schedule_dates_close(&dates);
    if (schedule_dates_open(after, &dates, NULL) != 0)
        return now;
    while (schedule_dates_next(&dates, up_to, &at)) {
        struct skip date = skip_of(after, at);
        if (!is_one_of(skips, n, &date))
            break;
        up_to = at;
    }
    schedule_dates_close(&dates);
    return up_to;
}
