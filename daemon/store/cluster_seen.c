/* What a link tells of itself and of the nodes that it sees. */
#include <stdio.h>

#include "daemon/base/log.h"
#include "daemon/store/cluster_link_internal.h"

bool cluster_link_is_waiting(struct cluster_link *l)
{
    pthread_mutex_lock(&l->lock);
    bool is = l->is_waiting;
    pthread_mutex_unlock(&l->lock);
    return is;
}

bool cluster_link_has_namesake(struct cluster_link *l)
{
    pthread_mutex_lock(&l->lock);
    bool has = l->has_namesake;
    pthread_mutex_unlock(&l->lock);
    return has;
}

/* Each says it of the other, once: ids only grow, and a node that begins anew has another. */
void cluster_link_tell_leases(struct cluster_link *l)
{
    for (size_t i = 0; i < l->seen_n; i++) {
        const struct cluster_node_row *n = &l->seen[i];
        if (n->id <= l->told_lease_of || n->stage == CLUSTER_LEAVES)
            continue;
        l->told_lease_of = n->id;
        if (n->id != l->own && n->lease_us != l->config.lease_us)
            log_warning("cluster",
                        "the node %s has a lease of %g s, and this one of %g s: give all nodes the same, [cluster] "
                        "lease",
                        n->name, (double)n->lease_us / SECOND_US, (double)l->config.lease_us / SECOND_US);
    }
}

static enum cluster_role role_of(const struct cluster_link *l, const struct cluster_node_row *n)
{
    if (n->id == l->own ? l->leads : n->id == l->holder)
        return CLUSTER_ACTIVE;
    return n->stage == CLUSTER_LEAVES ? CLUSTER_LEAVING : CLUSTER_WAITING;
}

/* The clock of the database was read after the statement was sent. */
static int64_t left_of(const struct cluster_link *l, const struct cluster_node_row *n)
{
    int64_t left_us = n->until_us - l->seen_now_us - (cluster_link_now(l) - l->seen_sent_us);

    return left_us > 0 ? left_us : 0;
}

size_t cluster_link_nodes(struct cluster_link *l, struct cluster_seen *ret)
{
    pthread_mutex_lock(&l->lock);
    size_t n = l->seen_n;
    for (size_t i = 0; i < n; i++) {
        bool is_own = l->seen[i].id == l->own;
        ret[i] = (struct cluster_seen){.role = role_of(l, &l->seen[i]),
                                       .is_own = is_own,
                                       .left_us = left_of(l, &l->seen[i]),
                                       .seen_us = l->seen_wall_us};
        snprintf(ret[i].name, sizeof(ret[i].name), "%s", l->seen[i].name);
        snprintf(ret[i].advertise, sizeof(ret[i].advertise), "%s", l->urls[i]);
    }
    pthread_mutex_unlock(&l->lock);
    return n;
}

void cluster_link_report(struct cluster_link *l, struct cluster_report *ret)
{
    pthread_mutex_lock(&l->lock);
    *ret = (struct cluster_report){
        .leads = l->leads, .taken = l->taken_n, .lost = l->lost_n, .server = l->facts, .accounts = l->accounts};
    for (size_t i = 0; i < l->seen_n; i++)
        if (l->seen[i].id == l->own)
            ret->left_us = left_of(l, &l->seen[i]);
    pthread_mutex_unlock(&l->lock);
}

const struct histogram *cluster_link_times(const struct cluster_link *l)
{
    return &l->times;
}

int64_t cluster_link_bind(struct cluster_link *l)
{
    pthread_mutex_lock(&l->lock);
    int64_t own = l->bound = l->own;
    pthread_mutex_unlock(&l->lock);
    return own;
}

int64_t cluster_link_own(struct cluster_link *l)
{
    pthread_mutex_lock(&l->lock);
    int64_t own = l->own;
    pthread_mutex_unlock(&l->lock);
    return own;
}
