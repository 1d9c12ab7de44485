#include "daemon/hook/retry_rule.h"

#include "daemon/base/clock.h"

enum { MINUTE = 60, HOUR = 3600, JITTER_PARTS = 10000 };

static const int64_t waits_s[HOOK_TRIES_MAX - 1] = {5,         5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR,
                                                    10 * HOUR, 14 * HOUR,  20 * HOUR,   24 * HOUR};

enum hook_outcome hook_outcome_of(int status, unsigned tries)
{
    if (status >= 200 && status < 300)
        return HOOK_DELIVERED;
    if (status == 410)
        return HOOK_GONE;
    return tries < HOOK_TRIES_MAX ? HOOK_AGAIN : HOOK_FAILED;
}

int64_t hook_retry_wait_us(unsigned tries, int64_t retry_after_s, uint32_t draw)
{
    unsigned i = tries ? tries - 1 : 0;
    int64_t wait_us = waits_s[i < HOOK_TRIES_MAX - 1 ? i : HOOK_TRIES_MAX - 2] * SECOND_US;

    wait_us += wait_us / 10 / JITTER_PARTS * (draw % (JITTER_PARTS + 1));
    if (retry_after_s > HOOK_WAIT_MAX_S)
        retry_after_s = HOOK_WAIT_MAX_S;
    return retry_after_s * SECOND_US > wait_us ? retry_after_s * SECOND_US : wait_us;
}
