/* When an event that was not taken is sent again. Pure: no clock, no account, no network. */
#ifndef TGCALLD_HOOK_RETRY_RULE_H
#define TGCALLD_HOOK_RETRY_RULE_H

#include <stdbool.h>
#include <stdint.h>

/* After that many tries it failed. */
enum { HOOK_TRIES_MAX = 10 };
/* No wait is longer, whatever the receiver asks for. */
#define HOOK_WAIT_MAX_S (24 * 3600 + 24 * 360)

enum hook_outcome {
    HOOK_DELIVERED, /* 2xx */
    HOOK_GONE,      /* 410: nothing is to be sent there any more */
    HOOK_AGAIN,
    HOOK_FAILED, /* that was the last try */
};

/* STATUS: HTTP's, 0 where no answer came. TRIES: those that were made, this one included. */
enum hook_outcome hook_outcome_of(int status, unsigned tries);

/* How long to wait after TRIES that failed: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, each up to a tenth
 * longer as DRAW says (any number), so that receivers that come back are not met by all at once; and not before
 * RETRY_AFTER_S (0: nothing was said), but that is believed up to HOOK_WAIT_MAX_S. Microseconds. */
int64_t hook_retry_wait_us(unsigned tries, int64_t retry_after_s, uint32_t draw);

#endif
