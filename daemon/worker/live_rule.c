#include "daemon/worker/live_rule.h"

#include "daemon/base/clock.h"

enum { HOUR_S = 3600, PAUSE_FIRST_S = 1, PAUSE_MOST_S = 300, REFUSED_FIRST_S = 30, REFUSED_MOST_S = 900 };

/* µs until there is room for one more within a sliding hour; 0: there is. */
static int64_t full_us(const struct live_facts *f)
{
    size_t max = (size_t)f->max_per_hour;

    if (f->times_n < max)
        return 0;
    int64_t room_s = f->times_s[f->times_n - max] + HOUR_S;
    return room_s > f->now_s ? (room_s - f->now_s) * SECOND_US : 0;
}

static struct live_verdict wait_for(enum live_why why, int64_t wait_us)
{
    return (struct live_verdict){LIVE_WAIT, why, wait_us};
}

struct live_verdict live_judge(const struct live_facts *f)
{
    int64_t full = f->counts ? full_us(f) : 0;

    if (!f->is_ready)
        return wait_for(LIVE_WHY_ACCOUNT, -1);
    if (f->chat == LIVE_CHAT_RUNS)
        return (struct live_verdict){.word = LIVE_RUNS};
    if (f->chat == LIVE_CHAT_SCHEDULED)
        return wait_for(LIVE_WHY_SCHEDULED, -1);
    if (f->pause_until_us > f->now_us)
        return wait_for(f->is_refused ? LIVE_WHY_REFUSED : LIVE_WHY_TROUBLE, f->pause_until_us - f->now_us);
    if (f->is_refused && f->look_at_us > f->now_us)
        return wait_for(LIVE_WHY_REFUSED, f->look_at_us - f->now_us);
    if (f->is_refused || f->must_look)
        return (struct live_verdict){.word = LIVE_LOOK};
    if (full)
        return wait_for(LIVE_WHY_LIMIT, full);
    return (struct live_verdict){.word = LIVE_CREATE};
}

bool live_clamp_times(int64_t *times_s, size_t n, int64_t now_s)
{
    bool any = false;

    for (size_t i = 0; i < n; i++)
        if (times_s[i] > now_s) {
            times_s[i] = now_s;
            any = true;
        }
    return any;
}

/* FIRST, twice that, four times, …, MOST. */
static int64_t doubled_s(unsigned tries, int64_t first_s, int64_t most_s)
{
    int64_t s = tries < 16 ? first_s << tries : most_s;

    return s < most_s ? s : most_s;
}

int64_t live_pause_us(unsigned tries, int64_t retry_after_s)
{
    int64_t s = doubled_s(tries, PAUSE_FIRST_S, PAUSE_MOST_S);

    return (retry_after_s > s ? retry_after_s : s) * SECOND_US;
}

int64_t live_refused_pause_us(unsigned refusals)
{
    return refusals < 2 ? 0 : doubled_s(refusals - 2, REFUSED_FIRST_S, REFUSED_MOST_S) * SECOND_US;
}
