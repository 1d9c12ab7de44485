/* What this node is asked and another has the accounts for: a mailbox as a worker's, whose jobs are another node's to
 * carry out; and what the others are asked and this one has them for: jobs for its workers. In between is the database
 * (store/relay_link.h). */
#ifndef TGCALLD_RELAY_H
#define TGCALLD_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/clock.h"
#include "daemon/base/fault.h"
#include "daemon/base/random.h"
#include "daemon/bridge/workers.h"

struct relay;

struct relay_config {
    const char *url;      /* of the database; texts are copied */
    const char *key_path; /* the store's seal key */
    bool key_is_given;
    int64_t lease_us;
    const struct clock_source *clock; /* borrowed, as are RANDOM and WORKERS */
    const struct random_source *random;
    size_t slots;            /* requests of this node that are under way at others at most */
    struct workers *workers; /* of this node; looked at while it serves */
    /* This node's number among those of the cluster; 0: it has none yet, or no more. On the relay's thread. */
    int64_t (*node_id)(void *ctx);
    void *ctx;
};

/* Connects and starts the thread; the cluster's tables are there (store/cluster_link.h). Errors are relay_link_new()'s.
 */
int relay_new(const struct relay_config *config, struct relay **ret, struct fault *fault) TGC_MUST;
/* A job with a node is that one's alone, and refused where it does not live. Jobs that job_may_go() refuses are
 * answered with a problem. Borrowed, until relay_free(). */
struct mailbox *relay_mailbox(struct relay *r);
/* What others are asked is taken from now on, as far as this node holds what it is about. Or no more: what was taken is
 * still answered. Any thread. */
void relay_serve(struct relay *r, bool is_on);
/* The accounts of LEASE (store/relay_sql.h) are here, all of them loaded; or they are to go: that is said before the
 * first of them does. What is asked of them and was not taken waits for who holds the lease next. None is held at
 * first. Any thread. */
void relay_holds(struct relay *r, unsigned lease, bool is_on);
/* The same of every lease: all accounts are one node's, and the lead too. */
void relay_holds_all(struct relay *r, bool is_on);
/* Everything that was taken has its answer in the database, and everything that was asked was answered. Any thread. */
bool relay_is_idle(struct relay *r);
/* Takes nothing more, from either side, and waits until it is idle, or DEADLINE_US. What is still asked then is
 * withdrawn, or told that it cannot be known. The workers run still. */
void relay_close(struct relay *r, int64_t deadline_us);
/* After relay_close(), and after the workers' end; NULL is fine. */
void relay_free(struct relay *r);

#endif
