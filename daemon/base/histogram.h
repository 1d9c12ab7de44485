/* How long something took, over and over: counted by one thread, by plain loads and stores of one word, and read by
 * any. Zeroed it is empty. */
#ifndef TGCALLD_BASE_HISTOGRAM_H
#define TGCALLD_BASE_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

/* Upper bounds of the buckets: one list for all, from a request that needs nobody to a wait of minutes. */
#define HISTOGRAM_BUCKETS(X)                                                                                           \
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
#define X(us, text) HISTOGRAM_BUCKET_##us,
    HISTOGRAM_BUCKETS(X)
#undef X
        HISTOGRAM_BUCKETS_N, /* without the last, which has no bound */
};

struct histogram {
    _Atomic(uint64_t) counts[HISTOGRAM_BUCKETS_N + 1]; /* each bucket's own */
    _Atomic(uint64_t) sum_us;
};

/* US below 0 (a clock that was set) counts as 0. */
void histogram_add(struct histogram *h, int64_t us);

#endif
