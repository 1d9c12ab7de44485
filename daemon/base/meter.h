/* What one thread counts and times of its own work, for who reads the metrics (metrics.h). Its thread alone writes, by
 * plain loads and stores of one word; any thread reads. Counting takes no lock and no memory, and a meter that is NULL
 * counts nothing. What can be told apart is listed in meter_list.h, but for what has a name from outside: requests and
 * RPCs, of which each meter has so many kinds, and one for all others. */
#ifndef TGCALLD_BASE_METER_H
#define TGCALLD_BASE_METER_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/meter_list.h"

enum meter_number {
#define X(id, ...) METER_##id,
    METER_NUMBERS(X)
#undef X
        METER_NUMBERS_N,
};

enum meter_timer {
#define X(id, ...) METER_##id,
    METER_TIMERS(X)
#undef X
        METER_TIMERS_N,
};

/* What has names. */
enum meter_kind {
    METER_HTTP, /* method, route and status */
    METER_RPC,  /* method and outcome */
    METER_KINDS,
};

/* Of one kind in one meter: a route answers by few statuses, and a daemon uses some dozens of Telegram's methods. */
enum { METER_ROWS_MAX = 512 };

struct meter;

void meter_add(struct meter *m, enum meter_number number, int64_t by);
/* US below 0 (a clock that was set) counts as 0. */
void meter_time(struct meter *m, enum meter_timer timer, int64_t us);
/* The texts are told apart by their addresses, and outlive all meters. */
void meter_time_named(struct meter *m, enum meter_kind kind, const char *what, const char *how, unsigned status,
                      int64_t us);

#endif
