/* The front end on a worker's loop: what it asks of its host, and what its host may ask of it. All is called on the
 * host's thread, but for wake(). */
#ifndef TGCALLD_BRIDGE_GUEST_H
#define TGCALLD_BRIDGE_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GUEST_FDS_MAX = 17 };

struct guest {
    void *ctx;
    /* What the host waits by, for reading and level-triggered, from the first turn until close(). */
    int fds[GUEST_FDS_MAX];
    size_t fds_n;
    /* fds[I] can be read; nothing is done before the turn. */
    void (*readable)(void *ctx, size_t i);
    /* Once a round of the loop, when its answers are delivered. Never blocks. Returns when the next turn has to come at
     * the latest (monotonic µs): INT64_MAX for no need, what is past for at once. */
    int64_t (*turn)(void *ctx);
    /* The host is about to end, and asks at each turn: true where close() may come now. That is not before it has the
     * answers to its own jobs, which other hosts may owe it; where the host goes on for other reasons it may be false
     * again.
     */
    bool (*leave)(void *ctx);
    /* Closes the descriptors, which are not waited by any more. */
    void (*close)(void *ctx);
    /* The host's own, set before the first turn: another turn, soon. Any thread. */
    void (*wake)(void *host);
    void *host;
};

#endif
