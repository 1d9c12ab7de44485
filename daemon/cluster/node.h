/* The machine of one node among several that share a database: it holds leases of accounts, keeps them, gives up and
 * takes what evens out the load, and says what the worker may do with which account. An account's login key may be in
 * use at one place at a time, for ever: two at once end the login (AUTH_KEY_DUPLICATED). No I/O, no clock; one thread
 * at a time.
 *
 * After every call but for those that only read:
 *   while (cluster_node_order(...))      tell the worker
 *   while (cluster_node_statement(...))  send it
 *   and cluster_node_tick() at cluster_node_deadline_us() at the latest.
 * NOW_US is the monotonic clock that counts a suspended machine's sleep (base/clock.h): read before a statement is
 * sent, and after an answer has come. A loop's time, from when it woke up, is too early for the second.
 *
 * The gate: an account that was started may have traffic while the clock is before cluster_node_gate_us(), which grows
 * with every renewal and holds for all accounts of the node. Whoever is about to send a byte of an account reads the
 * clock and the gate first: a process that was stopped and goes on may get there before it hears of anything. So the
 * gate is given to the worker's threads (as one atomic word) before the orders of the same call are. It is the gate of
 * one life of the node, cluster_node_id(): where the node was buried and begins anew, it stays shut for ever to what
 * was started before, which a worker may not have stopped yet; so each life has such a word of its own.
 *
 * Two statements are under way at a time at most: one that keeps the node alive, and one of all others. Every statement
 * is to be answered; one that is not counts as given up after a while: what keeps the node alive after a quarter of a
 * lease, the others after a lease. */
#ifndef TGCALLD_CLUSTER_NODE_H
#define TGCALLD_CLUSTER_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/cluster/lease.h"
#include "daemon/cluster/statement.h"

struct cluster_node;

/* What the worker is told: LEASE_START, LEASE_STOP or LEASE_LOST. */
struct cluster_order {
    enum lease_order order;
    int64_t account, epoch;
    int64_t id; /* the node's, whose gate it is, and under which the account's writes are */
    bool died;  /* of LEASE_START: who had it did not give it up, so that something may be missing of what it wrote */
};

/* NAME: the newest of one name counts. Both texts are copied. TGC_EINVAL: the name is empty or has CLUSTER_NAME_SIZE
 * bytes or more, or the lease is less than a second; TGC_ENOMEM. */
int cluster_node_new(const char *name, const char *url, int64_t lease_us, int64_t now_us,
                     struct cluster_node **ret) TGC_MUST;
void cluster_node_free(struct cluster_node *n);

/* Before it begins: of another node it is known that its beat was ROW's since SINCE_US, as it was looked at until now.
 * It is not waited for anew. */
void cluster_node_watched(struct cluster_node *n, int64_t now_us, const struct cluster_node_row *row, int64_t since_us);
void cluster_node_tick(struct cluster_node *n, int64_t now_us);
/* An answer to a statement that is not waited for any more changes nothing. TGC_ENOMEM: accounts that are new here will
 * be heard of with the next look; TGC_EPROTO: the rows are not in order. All else holds. */
int cluster_node_answer(struct cluster_node *n, int64_t now_us, const struct cluster_answer *a) TGC_MUST;
/* The worker has stopped it, as ordered: no byte of it leaves any more, and none of its writes is under way. */
void cluster_node_stopped(struct cluster_node *n, int64_t now_us, int64_t account);
/* It can hold accounts from now on; until then it takes no more than the lead, where nobody is ready. */
void cluster_node_ready(struct cluster_node *n, int64_t now_us);
/* Something has changed in the database. */
void cluster_node_hint(struct cluster_node *n, int64_t now_us);
/* Give up all accounts, and then the place among the nodes. For good. Where the database does not answer, the process
 * may end as soon as the node is idle: what it held lapses. */
void cluster_node_leave(struct cluster_node *n, int64_t now_us);

/* The next; false: no more. */
bool cluster_node_order(struct cluster_node *n, int64_t now_us, struct cluster_order *ret);
/* The next to be sent, to be copied or written out before the next call. NULL: no more. */
const struct cluster_statement *cluster_node_statement(struct cluster_node *n, int64_t now_us);

int64_t cluster_node_deadline_us(struct cluster_node *n);
/* INT64_MIN: no traffic at all. */
int64_t cluster_node_gate_us(const struct cluster_node *n);
/* The node's id in this life, for the writes; 0: it has none. */
int64_t cluster_node_id(const struct cluster_node *n);
/* The epoch under which the account is held and may be used now; 0: it may not. */
int64_t cluster_node_epoch(const struct cluster_node *n, int64_t account);
/* The worker has no account. */
bool cluster_node_is_idle(const struct cluster_node *n);
/* It left: nothing has traffic, and nothing is to be sent any more. */
bool cluster_node_has_left(const struct cluster_node *n);

#endif
