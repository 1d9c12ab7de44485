/* The inside of a link: cluster_link.c carries it, cluster_seen.c tells of it. */
#ifndef TGCALLD_STORE_CLUSTER_LINK_INTERNAL_H
#define TGCALLD_STORE_CLUSTER_LINK_INTERNAL_H

#include <pthread.h>

#include "daemon/cluster/node.h"
#include "daemon/store/cluster_link.h"
#include "daemon/store/cluster_sql.h"

struct cluster_link {
    struct cluster_link_config config;
    struct db *db;
    struct cluster_rows rows;
    char name[CLUSTER_NAME_SIZE];
    int woken; /* eventfd */
    pthread_t thread;
    bool is_away;               /* the server did not answer */
    char why[FAULT_TEXT_MAX];   /* what was said of that last */
    int64_t opener, own_opener; /* who opened the store last, and as long as this node had the accounts */
    int64_t epoch;              /* under which the accounts were had last; 0: not yet */
    bool was_waiting;           /* that another has them was said */
    int64_t missing_us;         /* since when the lease is not in the table; 0: it is */
    int64_t sent_us;            /* the statement that was answered last, when it was sent */
    int64_t facts_us;           /* when the server was looked at last; INT64_MIN: never */
    struct histogram times;     /* the thread's to write */
    /* Under the lock, but for the machine, which is the thread's. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct cluster_node *node;
    bool has_accounts, is_waiting, is_leaving, has_left, has_namesake,
        is_unheard; /* UNHEARD: the server does not answer */
    struct cluster_node_row seen[LIMIT_CLUSTER_NODES];
    char urls[LIMIT_CLUSTER_NODES][CLUSTER_URL_SIZE]; /* theirs */
    size_t seen_n;
    int64_t seen_now_us, seen_sent_us, seen_wall_us; /* by the database's clock, and by both of this machine */
    int64_t own, holder;
    int64_t stop_us; /* when the process is to have ended; 0: it is not known */
    uint64_t taken_n, lost_n;
    struct server_facts facts;
    int64_t accounts;
};

#endif
