/* The moment until which this process may speak for its accounts, where several nodes share them: one word, moved
 * forward by whoever keeps the node's lease, read by all who are about to send a byte. Microseconds of clock_mono_us():
 * a clock that counts the sleep of a suspended machine too, so CLOCK_BOOTTIME (clock_system).
 *
 * One thread moves it; any may read it. It is open while the clock is before the moment. Of the two the clock is read
 * last, and nothing is kept of what was read: a thread that was stopped between the reading and what it is for finds
 * out by reading again. What the mover wrote before a move is seen by who sees that move (release, acquire).
 *
 * A word is of one life of the node: where another node may have had the accounts meanwhile, it stays shut until
 * nothing here lives on from before. */
#ifndef TGCALLD_BASE_LEASE_GATE_H
#define TGCALLD_BASE_LEASE_GATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/clock.h"

#define LEASE_GATE_SHUT INT64_MIN
#define LEASE_GATE_FOR_EVER INT64_MAX /* there is no other node */

struct lease_gate {
    _Atomic int64_t until_us;
};

/* Zeroed it is shut. */
static inline void lease_gate_move(struct lease_gate *g, int64_t until_us)
{
    atomic_store_explicit(&g->until_us, until_us, memory_order_release);
}

static inline int64_t lease_gate_until_us(const struct lease_gate *g)
{
    return atomic_load_explicit(&g->until_us, memory_order_acquire);
}

/* How long it is still open; 0: it is shut; INT64_MAX: for ever. */
static inline int64_t lease_gate_left_us(const struct lease_gate *g, const struct clock_source *clock)
{
    int64_t until_us = lease_gate_until_us(g);

    if (until_us == LEASE_GATE_FOR_EVER)
        return INT64_MAX;
    int64_t now_us = clock_mono_us(clock);
    return until_us > now_us ? until_us - now_us : 0;
}

static inline bool lease_gate_is_open(const struct lease_gate *g, const struct clock_source *clock)
{
    return lease_gate_left_us(g, clock) > 0;
}

#endif
