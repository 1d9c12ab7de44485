/* The inside of a meter, for who writes it and who reads it. */
#ifndef TGCALLD_BASE_METER_INTERNAL_H
#define TGCALLD_BASE_METER_INTERNAL_H

#include <stdatomic.h>

#include "daemon/base/histogram.h"
#include "daemon/base/meter.h"

struct meter_row {
    const char *what, *how;
    unsigned status;
    struct histogram times;
};

struct meter_rows {
    atomic_size_t n; /* those before it are named for good */
    struct meter_row rows[METER_ROWS_MAX];
    uint16_t index[2 * METER_ROWS_MAX]; /* its thread's: a row's place, from 1, by the hash of its names */
};

struct meter {
    _Atomic(int64_t) numbers[METER_NUMBERS_N];
    struct histogram timers[METER_TIMERS_N];
    struct meter_rows kinds[METER_KINDS];
};

/* What stands for all that found no place. */
#define METER_OTHER "other"

#endif
