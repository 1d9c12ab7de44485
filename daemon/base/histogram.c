#include "daemon/base/histogram.h"

#include <stddef.h>

/* There is but one writer, so nothing is to be locked: a reader sees the word before or after. */
static void add(_Atomic(uint64_t) *to, uint64_t by)
{
    atomic_store_explicit(to, atomic_load_explicit(to, memory_order_relaxed) + by, memory_order_relaxed);
}

void histogram_add(struct histogram *h, int64_t us)
{
    static const int64_t bounds[HISTOGRAM_BUCKETS_N] = {
#define X(us, text) us,
        HISTOGRAM_BUCKETS(X)
#undef X
    };
    size_t i = 0;

    if (us < 0)
        us = 0;
    while (i < HISTOGRAM_BUCKETS_N && us > bounds[i])
        i++;
    add(&h->sum_us, (uint64_t)us);
    add(&h->counts[i], 1);
}
