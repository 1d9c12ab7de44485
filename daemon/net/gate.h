/* How a loop keeps to the gate of its node's lease (base/lease_gate.h). While it is shut nothing is written towards the
 * network, no connection is begun, and the links that are there end, with NET_GATE_SHUT for a reason. A link that has
 * something to write asks with a fresh reading of the clock, whatever the time of the round; one that is idle ends when
 * the gate's moment has come.
 *
 * What is not said on behalf of an account (a proxy that is tried out by `tgcalldctl doctor`, webhooks, the API) does
 * not go through a loop's links, and needs no gate. All but net_gate_moved() belong to the loop's thread. */
#ifndef TGCALLD_NET_GATE_H
#define TGCALLD_NET_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/net/loop.h"

struct lease_gate;

#define NET_GATE_SHUT "the lease of this node is over: another node may use the account"

/* LEASE (borrowed until the loop is gone) is the loop's from now on; before its first link, once. A loop without one is
 * open for ever. TGC_ENOMEM, TGC_ESYSTEM. */
int net_gate_set(struct net_loop *loop, const struct lease_gate *lease) TGC_MUST;
/* It was moved: back, or forward after it was shut. Any thread, while the loop is there. Who moves one forward that is
 * open need not say so; what is never said is found out within a second, or when the old moment comes. */
void net_gate_moved(struct net_loop *loop);

/* How long it is still open, by a fresh reading of the clock: 0: it is shut; INT64_MAX: for ever. */
int64_t net_gate_left_us(struct net_loop *loop);
static inline bool net_gate_is_open(struct net_loop *loop)
{
    return net_gate_left_us(loop) > 0;
}

/* Who is to hear of it, from the loop. Lives in the caller's own memory while it listens. */
struct net_gate_ear {
    void (*shut)(void *ctx);   /* it is; NULL: no matter */
    void (*opened)(void *ctx); /* the same; once after it was shut, or was seen to be by net_gate_left_us() */
    void *ctx;

    struct net_gate_ear **list; /* NULL: it does not listen */
    struct net_gate_ear *prev, *next;
};

/* Nothing where the loop has no gate. */
void net_gate_listen(struct net_loop *loop, struct net_gate_ear *ear);
/* Not any more; also from inside a call. Fine where it does not listen. */
void net_gate_forget(struct net_gate_ear *ear);

#endif
