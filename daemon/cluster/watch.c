#include "daemon/cluster/watch.h"

#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/cluster/timing.h"

#define LEASE_MAX_US (24 * 3600 * SECOND_US)
#define FAR_US (INT64_MAX / 4)

/* What a row says that no node wrote must not make the sums overflow. */
static int64_t judged(int64_t v, int64_t min, int64_t max)
{
    return v < min ? min : v > max ? max : v;
}

/* OLD is what was seen of the same node before; NULL: nothing. */
static bool see_node(struct watch_node *to, const struct watch_node *old, const struct cluster_node_row *row,
                     int64_t now_us)
{
    bool is_new = !old;
    bool beats = is_new || old->row.beat != row->beat;
    bool is_change = is_new || old->row.stage != row->stage;
    int64_t seen_us = beats ? now_us : old->seen_us;
    int64_t again_us = beats ? now_us : old->again_us;

    to->row = *row;
    to->row.lease_us = judged(row->lease_us, SECOND_US, LEASE_MAX_US);
    to->row.until_us = judged(row->until_us, -FAR_US, FAR_US);
    to->seen_us = seen_us;
    to->again_us = again_us;
    return is_change;
}

bool watch_see(struct watch *w, int64_t now_us, const struct cluster_answer *a, int64_t gap_us)
{
    struct watch_node before[LIMIT_CLUSTER_NODES];
    size_t before_n = w->n, k = 0;
    size_t n = a->nodes_n < LIMIT_CLUSTER_NODES ? a->nodes_n : LIMIT_CLUSTER_NODES;
    bool was_away = now_us - w->at_us > gap_us;
    bool is_change = n != before_n;

    memcpy(before, w->nodes, before_n * sizeof(*before));
    for (size_t i = 0; i < n; i++) {
        while (k < before_n && before[k].row.id < a->nodes[i].id)
            k++;
        bool is_known = k < before_n && before[k].row.id == a->nodes[i].id;
        is_change |= see_node(&w->nodes[i], is_known ? &before[k] : NULL, &a->nodes[i], now_us);
        if (was_away)
            w->nodes[i].seen_us = now_us;
    }
    w->n = n;
    w->at_us = now_us;
    w->db_now_us = judged(a->now_us, -FAR_US, FAR_US);
    return is_change;
}

const struct watch_node *watch_find(const struct watch *w, int64_t id)
{
    size_t low = 0, high = w->n;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (w->nodes[middle].row.id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < w->n && w->nodes[low].row.id == id ? &w->nodes[low] : NULL;
}

static int64_t due_us(const struct watch *w, const struct watch_node *node)
{
    int64_t lease_us = node->row.lease_us, margin_us = cluster_margin_us(lease_us);
    int64_t due = node->seen_us + cluster_wait_us(lease_us);
    int64_t left_us = node->row.until_us + margin_us - w->db_now_us; /* by the database's clock, when it was heard */

    /* A longer one was not written on this clock: it was set back. */
    if (left_us <= lease_us + 2 * margin_us && w->at_us + left_us >= due)
        due = w->at_us + left_us + 1;
    return due > node->again_us ? due : node->again_us;
}

struct watch_node *watch_first_due(struct watch *w, int64_t me, int64_t *ret_us)
{
    struct watch_node *first = NULL;

    for (size_t i = 0; i < w->n; i++) {
        if (w->nodes[i].row.id == me)
            continue;
        int64_t due = due_us(w, &w->nodes[i]);
        if (!first || due < *ret_us) {
            first = &w->nodes[i];
            *ret_us = due;
        }
    }
    return first;
}
