/* The inside of a link: cluster_link.c carries it, cluster_orders.c does what its machine says, cluster_seen.c tells of
 * it. */
#ifndef TGCALLD_STORE_CLUSTER_LINK_INTERNAL_H
#define TGCALLD_STORE_CLUSTER_LINK_INTERNAL_H

#include <pthread.h>

#include "daemon/base/table.h"
#include "daemon/cluster/node.h"
#include "daemon/store/cluster_link.h"
#include "daemon/store/cluster_sql.h"

/* An account that this process has, or has not quite given up. */
struct cluster_here {
    int64_t account;
    bool is_paused; /* the gate is shut, and it is as it was */
    bool is_going;
    UT_hash_handle hh;
};

struct cluster_link {
    struct cluster_link_config config;
    struct db *db;
    struct cluster_rows rows;
    char name[CLUSTER_NAME_SIZE];
    int woken; /* eventfd */
    pthread_t thread;
    bool is_away;             /* the server did not answer */
    char why[FAULT_TEXT_MAX]; /* what was said of that last */
    int64_t epoch;            /* of the lead; 0: not yet */
    struct cluster_here *here;
    bool is_open; /* what the gate was told last */
    bool has_begun_to_leave;
    bool was_waiting;       /* that another leads was said */
    int64_t told_lease_of;  /* up to that node's id it was said whose lease is another than this one's */
    int64_t completed_us;   /* when it was last looked whether each account has a lease */
    int64_t missing_us;     /* since when the lease is not in the table; 0: it is */
    int64_t sent_us;        /* the statement that was answered last, when it was sent */
    int64_t facts_us;       /* when the server was looked at last; INT64_MIN: never */
    struct histogram times; /* the thread's to write */
    /* Under the lock, but for the machine, which is the thread's. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct cluster_node *node;
    bool leads, is_waiting, is_ready, is_leaving, has_left, has_namesake,
        is_unheard; /* UNHEARD: the server does not answer */
    struct cluster_node_row seen[LIMIT_CLUSTER_NODES];
    char urls[LIMIT_CLUSTER_NODES][CLUSTER_URL_SIZE]; /* theirs */
    size_t seen_n;
    int64_t seen_now_us, seen_sent_us, seen_wall_us; /* by the database's clock, and by both of this machine */
    int64_t own, holder;                             /* HOLDER: the node that leads */
    int64_t bound;   /* the id that is held on to, or under which there is something here; 0: none was yet */
    int64_t stop_us; /* when the process is to have ended; 0: it is not known */
    uint64_t taken_n, lost_n;
    struct server_facts facts;
    int64_t accounts;
};

static inline int64_t cluster_link_now(const struct cluster_link *l)
{
    return clock_mono_us(l->config.clock);
}

/* cluster_orders.c, on the link's thread. After all that may have moved the machine: its orders, and the gate. */
void cluster_link_obey(struct cluster_link *l);
/* Nothing leaves any more. */
void cluster_link_shut(struct cluster_link *l);
/* The link is freed. */
void cluster_link_forget_all(struct cluster_link *l);

/* cluster_seen.c, on the link's thread. After a look: the log is told of nodes whose lease is another than this one's.
 */
void cluster_link_tell_leases(struct cluster_link *l);

#endif
