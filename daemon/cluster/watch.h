/* The other nodes as one node sees them, and which of them may be buried: one that has not renewed for its lease and a
 * margin, by the watcher's own clock, counted from when the last renewal was SEEN (so never earlier than it was made),
 * and whose lease has lapsed by the database's clock, with the same margin, as far as is known. The database judges the
 * second once more, by itself. Two clocks must agree, so neither that is set forward does harm.
 *
 * What was not seen for a while was not watched: after a time without answers everybody is given the whole time again,
 * to come back as oneself did, and no account moves because the database was away. */
#ifndef TGCALLD_CLUSTER_WATCH_H
#define TGCALLD_CLUSTER_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/limits.h"
#include "daemon/cluster/statement.h"

struct watch_node {
    struct cluster_node_row row;
    int64_t seen_us;  /* since when its beat is this one */
    int64_t again_us; /* not to be buried before: it was just tried */
};

/* All zeroes is empty. */
struct watch {
    struct watch_node nodes[LIMIT_CLUSTER_NODES];
    size_t n;
    int64_t db_now_us, at_us; /* the database's clock, when it was heard */
};

/* The table as it was answered at NOW_US; of more than LIMIT_CLUSTER_NODES rows, the first. GAP_US: the longest time
 * between two that still is watching. Whether who is there, or stays, is not what it was. */
bool watch_see(struct watch *w, int64_t now_us, const struct cluster_answer *a, int64_t gap_us);
/* NULL: there is none of that id. */
const struct watch_node *watch_find(const struct watch *w, int64_t id);
/* The one that may be buried first, but for ME, and when (*RET_US, which may be in the future); NULL: none. */
struct watch_node *watch_first_due(struct watch *w, int64_t me, int64_t *ret_us);

#endif
