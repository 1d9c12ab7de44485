/* The times of leases, all from one: how long a lease lasts on the database's clock (6 s by default). Microseconds.
 *
 *   renew     L/3      from the sending of one renewal to the next
 *   retry     L/12     after one that failed
 *   patience  L/4      for an answer to one, before it is given up and sent again
 *   hold      L - L/6  of traffic, by the node's clock, from the SENDING of a renewal that was answered
 *   wait      L + L/6  before another buries it, by its clock, from when it SAW the node live
 *                      (and L/6 after the lapse by the database's)
 *   gap       L/2      who has not seen the nodes for longer did not watch them: each has its wait anew
 *
 * A time without the database that is no gap to anybody, the renewal before it and a try that nobody answers come to
 * L/2 + L/3 + L/4, less than a wait: so nobody who lives is buried for them.
 *
 * With clocks that run up to 1 % fast or slow (a node's monotonic one, the database's), in real time since the renewal
 * was sent, for L = 6 s:
 *
 *   traffic ends                   at the latest    hold / 0.99 = 5.05 s
 *   the lease lapses               at the earliest     L / 1.01 = 5.94 s   0.89 s are left for a late stop
 *   somebody else may have traffic at the earliest  wait / 1.01 = 6.93 s   1.88 s
 *
 * Only lengths are measured, never moments of two clocks compared; so skewed wall clocks do not matter. */
#ifndef TGCALLD_CLUSTER_TIMING_H
#define TGCALLD_CLUSTER_TIMING_H

#include <stdint.h>

static inline int64_t cluster_margin_us(int64_t lease_us)
{
    return lease_us / 6;
}

static inline int64_t cluster_renew_us(int64_t lease_us)
{
    return lease_us / 3;
}

static inline int64_t cluster_retry_us(int64_t lease_us)
{
    return lease_us / 12;
}

static inline int64_t cluster_patience_us(int64_t lease_us)
{
    return lease_us / 4;
}

static inline int64_t cluster_gap_us(int64_t lease_us)
{
    return lease_us / 2;
}

static inline int64_t cluster_hold_us(int64_t lease_us)
{
    return lease_us - cluster_margin_us(lease_us);
}

static inline int64_t cluster_wait_us(int64_t lease_us)
{
    return lease_us + cluster_margin_us(lease_us);
}

#endif
