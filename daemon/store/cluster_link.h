/* This node among those that share the database: a thread and a connection of its own carry the machine of
 * cluster/node.h, so that a lease is renewed whatever the store has to write. Each account has a lease, and what is the
 * cluster's as a whole has one: who has that leads. */
#ifndef TGCALLD_STORE_CLUSTER_LINK_H
#define TGCALLD_STORE_CLUSTER_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/clock.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/base/histogram.h"
#include "daemon/cluster/statement.h"
#include "daemon/store/server_facts.h"

struct cluster_link;

struct cluster_link_config {
    const char *url;       /* of the database; all texts are copied */
    const char *name;      /* this node's, unlike any other's */
    const char *advertise; /* where its API is reached, for people and programs; "" */
    int64_t lease_us;
    const struct clock_source *clock; /* borrowed; one that counts a suspended machine's sleep */
    /* Until when, on CLOCK, the accounts may have traffic: before anything else is done about it. INT64_MIN: not at
     * all. On the link's thread, as is all: */
    void (*gate)(void *ctx, int64_t until_us);
    /* This node leads from now on. DIED: who did before had not come to give that up. */
    void (*leads)(void *ctx, bool died);
    /* The account is this node's, from now on; the same of it. */
    void (*hold)(void *ctx, int64_t account, bool died);
    /* It is to be another's: when its traffic has ended and nothing of it is being written, GAVE says so, from some
     * time after which cluster_link_wake() was called. */
    void (*give)(void *ctx, int64_t account);
    bool (*gave)(void *ctx, int64_t account);
    /* Others had what this process holds, or may have it: what is known of it here is not so any more. */
    void (*taken)(void);
    void *ctx;
};

/* Connects, and waits to lead; for accounts not before cluster_link_ready(). Errors are db_open_server()'s, and
 * TGC_EINVAL of the name. */
int cluster_link_new(const struct cluster_link_config *config, struct cluster_link **ret, struct fault *fault) TGC_MUST;
/* Until this node leads (true), or UNTIL_US. Any thread, as is all that follows. */
bool cluster_link_wait(struct cluster_link *l, int64_t until_us);
/* Another node is known to lead. */
bool cluster_link_is_waiting(struct cluster_link *l);
/* Accounts can be held from now on. */
void cluster_link_ready(struct cluster_link *l);
/* An answer of config.gave() may have changed. */
void cluster_link_wake(struct cluster_link *l);
/* Another node is alive that has this one's name: this one waits for nothing. */
bool cluster_link_has_namesake(struct cluster_link *l);
/* The nodes as they were seen last, the oldest first; at most LIMIT_CLUSTER_NODES. How many. */
enum cluster_role { CLUSTER_ACTIVE, CLUSTER_WAITING, CLUSTER_LEAVING };
struct cluster_seen {
    char name[CLUSTER_NAME_SIZE], advertise[256];
    enum cluster_role role; /* ACTIVE: it leads */
    bool is_own;            /* this node */
    int64_t left_us;        /* of its lease, at least: as it was seen, less what passed since; 0: none */
    int64_t seen_us;        /* when it was seen, by this machine's wall clock */
};
size_t cluster_link_nodes(struct cluster_link *l, struct cluster_seen *ret);
/* What else there is to tell. */
struct cluster_report {
    bool leads;
    int64_t left_us;            /* of this node's lease, at least */
    uint64_t taken, lost;       /* times that it got the lead, and that its lease was over before it gave that up */
    struct server_facts server; /* as of the last look; seen_us 0: there was none */
    int64_t accounts;           /* in the database, as one that does not lead counted them; -1: not known */
};
void cluster_link_report(struct cluster_link *l, struct cluster_report *ret);
/* How long the database took for the lease's statements, those that it answered. */
const struct histogram *cluster_link_times(const struct cluster_link *l);
/* This node's id in its present life; 0: it has none. */
int64_t cluster_link_own(struct cluster_link *l);
/* The same, for what holds on to it: where this life ends, that is no node's any more, and config.taken() hears. */
int64_t cluster_link_bind(struct cluster_link *l);
/* The process is to have ended by UNTIL_US, on the config's clock: leaving takes no longer than that, and a moment. */
void cluster_link_stop_by(struct cluster_link *l, int64_t until_us);
/* Nothing has traffic any more and the store is closed: other nodes may have the accounts at once. Waits for that, for
 * some seconds at most. False: the database did not answer, and the thread, which still uses the config's CTX, is left
 * behind for the process's end. NULL is fine. */
bool cluster_link_free(struct cluster_link *l);

#endif
