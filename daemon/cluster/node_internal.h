/* What the files of the node's machine share. */
#ifndef TGCALLD_CLUSTER_NODE_INTERNAL_H
#define TGCALLD_CLUSTER_NODE_INTERNAL_H

#include "daemon/cluster/node.h"
#include "daemon/cluster/watch.h"

/* A statement that is under way, or was: STATEMENT.seq is 0 when none is. */
struct cluster_slot {
    struct cluster_statement statement;
    int64_t next_us; /* nothing is sent before */
};

/* First in, first out. */
struct cluster_line {
    struct lease *first, **end;
};

struct cluster_node {
    char name[CLUSTER_NAME_SIZE], *url;
    int64_t lease_us;
    uint64_t seq;

    int64_t id;      /* 0: not registered */
    int64_t gate_us; /* INT64_MIN: shut */
    bool may_run;    /* the gate is open, as far as the orders go that were given */
    bool is_ready, is_leaving, has_left;
    enum cluster_stage told; /* to the database */

    struct cluster_slot life; /* REGISTER, RENEW */
    struct cluster_slot work; /* all others */
    struct watch watch;
    struct watch_node before; /* as it was seen before there was an id; row.id 0: none was */
    int64_t before_us;        /* when it was seen last */

    bool is_look_due;
    int64_t look_us; /* the next one that is for safety alone */

    struct lease **leases; /* by ascending account */
    size_t leases_n;
    size_t wanted;              /* no one before it is to be taken */
    size_t busy;                /* with a worker that is not idle */
    struct cluster_line noted;  /* for whom there may be an order */
    struct cluster_line queued; /* to be released */
};

static inline enum cluster_stage cluster_stage(const struct cluster_node *n)
{
    return n->is_leaving ? CLUSTER_LEAVES : n->is_ready ? CLUSTER_READY : CLUSTER_COMES;
}

/* NULL: none is known. */
struct lease *cluster_find(const struct cluster_node *n, int64_t account);
/* There may be an order for L. */
void cluster_note(struct cluster_node *n, struct lease *l);
/* After everything that may have moved the gate, or time. */
void cluster_settle(struct cluster_node *n, int64_t now_us);
/* L is to be released when the worker is idle. */
void cluster_queue(struct cluster_node *n, struct lease *l);
/* The id, and all that hung on it, is no more. */
void cluster_end_life(struct cluster_node *n);

/* What a look has shown: accounts that came and went, what is to be taken and given. */
int cluster_see_leases(struct cluster_node *n, const struct cluster_lease_row *rows, size_t rows_n) TGC_MUST;
/* A statement of the slot was given up. */
void cluster_give_up(struct cluster_node *n, struct cluster_slot *slot, int64_t now_us);

#endif
