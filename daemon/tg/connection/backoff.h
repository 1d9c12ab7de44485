/* How long to wait before the next attempt: doubling with jitter. Forgotten after a while of good health, or when the
 * server answered a request: one that opens and closes without serving must not be asked at full speed, one that serves
 * and drops may be asked again soon. */
#ifndef TGCALLD_TG_BACKOFF_H
#define TGCALLD_TG_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/random.h"

struct backoff {
    int64_t wait_us;          /* the next wait without jitter; 0: none yet */
    int64_t healthy_since_us; /* 0: not healthy */
    bool was_useful;          /* since the last failure a request was answered */
};

/* A failed attempt at NOW; returns how long to wait (0.5 s … 60 s, ±30 %), at least AT_LEAST_US. */
int64_t backoff_next(struct backoff *b, int64_t now_us, int64_t at_least_us, const struct random_source *random);
/* The connection works; it counts once it has for 30 s. */
void backoff_healthy(struct backoff *b, int64_t now_us);
/* A request was answered. */
void backoff_useful(struct backoff *b);

#endif
