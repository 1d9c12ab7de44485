/* The inside of a meter, for who writes it and who reads it. */
#ifndef TGCALLD_BASE_METER_INTERNAL_H
#define TGCALLD_BASE_METER_INTERNAL_H

#include <stdatomic.h>

#include "daemon/base/meter.h"

/* Upper bounds of the buckets: one list for all, from a request that needs nobody to a wait of minutes. */
#define METER_BUCKETS(X)                                                                                               \
    X(100, "0.0001")                                                                                                   \
    X(300, "0.0003")                                                                                                   \
    X(1000, "0.001")                                                                                                   \
    X(3000, "0.003")                                                                                                   \
    X(10000, "0.01")                                                                                                   \
    X(30000, "0.03")                                                                                                   \
    X(100000, "0.1")                                                                                                   \
    X(300000, "0.3")                                                                                                   \
    X(1000000, "1")                                                                                                    \
    X(3000000, "3")                                                                                                    \
    X(10000000, "10")                                                                                                  \
    X(30000000, "30")                                                                                                  \
    X(100000000, "100")

enum {
#define X(us, text) METER_BUCKET_##us,
    METER_BUCKETS(X)
#undef X
        METER_BUCKETS_N, /* without the last, which has no bound */
};

struct meter_histogram {
    _Atomic(uint64_t) counts[METER_BUCKETS_N + 1]; /* each bucket's own */
    _Atomic(uint64_t) sum_us;
};

struct meter_row {
    const char *what, *how;
    unsigned status;
    struct meter_histogram times;
};

struct meter_rows {
    atomic_size_t n; /* those before it are named for good */
    struct meter_row rows[METER_ROWS_MAX];
    uint16_t index[2 * METER_ROWS_MAX]; /* its thread's: a row's place, from 1, by the hash of its names */
};

struct meter {
    _Atomic(int64_t) numbers[METER_NUMBERS_N];
    struct meter_histogram timers[METER_TIMERS_N];
    struct meter_rows kinds[METER_KINDS];
};

/* What stands for all that found no place. */
#define METER_OTHER "other"

#endif
