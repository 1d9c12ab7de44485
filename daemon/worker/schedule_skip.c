#include "daemon/worker/schedule_skip.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/civil.h"
#include "daemon/calendar/title.h"

/* Nobody leaves more of them out, one by one. */
enum { SKIPS_MAX = 100 };

/* A schedule that moves to another zone is held by the clocks there. */
static bool is_same_hour(const struct schedule_spec *a, int64_t a_at, const struct schedule_spec *b, int64_t b_at)
{
    static const char format[] = "%Y-%m-%d %H:%M:%S";
    char a_text[CALENDAR_TITLE_SIZE], b_text[CALENDAR_TITLE_SIZE];

    /* Zones lie a day apart, at most. */
    return llabs(a_at - b_at) < 2 * CIVIL_DAY_S && calendar_title(format, a->timezone, a_at, a_text, NULL) == 0 &&
           calendar_title(format, b->timezone, b_at, b_text, NULL) == 0 && strcmp(a_text, b_text) == 0;
}

static bool is_one_of(const struct schedule_spec *before, const int64_t *skips, size_t n,
                      const struct schedule_spec *after, int64_t at)
{
    for (size_t i = 0; i < n; i++)
        if (skips[i] == at || is_same_hour(before, skips[i], after, at))
            return true;
    return false;
}

int64_t schedule_skip_up_to(const struct schedule_spec *before, const struct schedule_spec *after, int64_t now,
                            int64_t skipped_at)
{
    int64_t skips[SKIPS_MAX], at = now, up_to = now;
    struct schedule_dates dates;
    size_t n = 0;

    /* A single date that is another one is meant to be held. */
    if (skipped_at <= now || before->at || after->at || schedule_dates_open(before, &dates, NULL) != 0)
        return now;
    while (n < SKIPS_MAX && schedule_dates_next(&dates, at, &at) && at <= skipped_at)
        skips[n++] = at;
    schedule_dates_close(&dates);
    if (schedule_dates_open(after, &dates, NULL) != 0)
        return now;
    while (schedule_dates_next(&dates, up_to, &at) && is_one_of(before, skips, n, after, at))
        up_to = at;
    schedule_dates_close(&dates);
    return up_to;
}
