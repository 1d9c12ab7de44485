/* How many accounts each node ought to hold. Pure; every node comes to the same from the same rows.
 *
 * Members are the nodes that are there to stay: not leaving, and of one name the
 * newest alone (the one before died, and its accounts are the name's again in a while). All accounts count, those of
 * dead nodes and free ones too, so that nothing is given away which another's death will level anyhow. What does not
 * divide evenly stays with those that have it already, else it goes to the oldest: so nothing moves without need, and
 * while accounts are on their way, the aim stays where it was. */
#ifndef TGCALLD_CLUSTER_SHARE_H
#define TGCALLD_CLUSTER_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct share_node {
    int64_t id; /* ascending */
    const char *name;
    bool is_candidate; /* not leaving */
    uint32_t held;
    /* out */
    bool is_member;
    uint32_t target; /* 0 of one that is no member */
};

/* At most LIMIT_CLUSTER_NODES. */
void share_out(struct share_node *nodes, size_t n, size_t accounts);

/* Which of the free accounts, in order, are those of node ME: *RET_N of them from *RET_FIRST; members take them in
 * turn, each up to its share, so that no two try the same. */
void share_free(const struct share_node *nodes, size_t n, size_t me, size_t *ret_first, size_t *ret_n);

#endif
