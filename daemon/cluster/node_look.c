/* What is in the database, and what follows: which accounts there are, which of them to take, which to give. */
#include "daemon/cluster/node_internal.h"

#include <stdlib.h>

#include "daemon/cluster/share.h"

static bool is_in_order(const struct cluster_lease_row *rows, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (rows[i - 1].account >= rows[i].account)
            return false;
    return true;
}

/* Nothing but memory is left of it: no order, no statement, no worker. */
static bool is_over(const struct lease *l)
{
    return lease_is_gone(l) && l->own == LEASE_ELSEWHERE && l->work == LEASE_IDLE && !l->is_noted && !l->is_queued;
}

static bool are_same_accounts(const struct cluster_node *n, const struct cluster_lease_row *rows, size_t rows_n)
{
    bool is_same = n->leases_n == rows_n;

    for (size_t i = 0; is_same && i < rows_n; i++)
        is_same = n->leases[i]->account == rows[i].account;
    return is_same;
}

static struct lease *lease_new(int64_t account)
{
    struct lease *l = calloc(1, sizeof(*l));

    if (l)
        l->account = account;
    return l;
}

/* Accounts that came get a place, those that went lose it, when nothing is left of them. */
static int merge(struct cluster_node *n, const struct cluster_lease_row *rows, size_t rows_n)
{
    struct lease **all = malloc((n->leases_n + rows_n + 1) * sizeof(struct lease *));
    size_t all_n = 0, i = 0, k = 0;
    int err = 0;

    if (!all)
        return TGC_ENOMEM;
    while (i < n->leases_n || k < rows_n) {
        bool is_old = i < n->leases_n && (k == rows_n || n->leases[i]->account <= rows[k].account);
        bool is_row = k < rows_n && (!is_old || n->leases[i]->account == rows[k].account);
        struct lease *l = is_old ? n->leases[i++] : lease_new(rows[k].account);
        k += is_row;
        if (!l)
            err = TGC_ENOMEM;
        else if (!is_row && is_over(l))
            free(l);
        else
            all[all_n++] = l;
    }
    free(n->leases);
    n->leases = all;
    n->leases_n = all_n;
    return err;
}

/* A lease that is held is this node's in every look that is sent after the take was answered; else somebody
 * has taken it away by hand. */
static void see(struct cluster_node *n, struct lease *l, int64_t node, int64_t epoch)
{
    l->row_node = node;
    l->row_epoch = epoch;
    l->is_wanted = false;
    if (l->own != LEASE_HELD || (node == n->id && epoch == l->epoch))
        return;
    lease_lose(l);
    cluster_note(n, l);
}

static void see_all(struct cluster_node *n, const struct cluster_lease_row *rows, size_t rows_n)
{
    for (size_t i = 0, k = 0; i < n->leases_n; i++) {
        struct lease *l = n->leases[i];
        while (k < rows_n && rows[k].account < l->account)
            k++;
        bool is_row = k < rows_n && rows[k].account == l->account;
        see(n, l, is_row ? rows[k].node : 0, is_row ? rows[k].epoch : -1);
    }
}

static size_t count_nodes(const struct cluster_node *n, struct share_node *nodes)
{
    for (size_t i = 0; i < n->watch.n; i++) {
        const struct cluster_node_row *row = &n->watch.nodes[i].row;
        nodes[i] = (struct share_node){.id = row->id, .name = row->name};
        nodes[i].is_candidate = row->stage == CLUSTER_READY;
    }
    return n->watch.n;
}

/* The place of the node that has the account; LIMIT_CLUSTER_NODES: nobody has. */
static size_t holder_of(const struct cluster_node *n, const struct lease *l)
{
    const struct watch_node *node = watch_find(&n->watch, l->row_node);

    return node ? (size_t)(node - n->watch.nodes) : LIMIT_CLUSTER_NODES;
}

/* Of those that even out. */
static bool is_shared(const struct lease *l)
{
    return l->account != CLUSTER_LEAD && !lease_is_gone(l);
}

static void give(struct cluster_node *n, size_t surplus)
{
    size_t moving = 0;

    for (size_t i = 0; i < n->leases_n; i++)
        moving += lease_is_leaving(n->leases[i]);
    for (size_t i = n->leases_n; i-- > 0 && moving < surplus && moving < LIMIT_CLUSTER_MOVES;) {
        struct lease *l = n->leases[i];
        if (l->own != LEASE_HELD || l->account == CLUSTER_LEAD)
            continue;
        lease_give(l);
        cluster_note(n, l);
        cluster_queue(n, l);
        moving++;
    }
}

/* The free ones from FIRST on, and those that are this node's by a take whose answer was lost. All who may lead try it
 * at once: one comes first. */
static void want(struct cluster_node *n, size_t first, size_t count, bool may_lead)
{
    size_t free_n = 0;

    for (size_t i = 0; i < n->leases_n; i++) {
        struct lease *l = n->leases[i];
        if (l->own != LEASE_ELSEWHERE || lease_is_gone(l))
            continue;
        bool is_free = holder_of(n, l) == LIMIT_CLUSTER_NODES;
        if (l->row_node == n->id) {
            l->is_wanted = true;
        } else if (l->account == CLUSTER_LEAD) {
            l->is_wanted = is_free && may_lead;
        } else if (is_free) {
            l->is_wanted = free_n >= first && free_n - first < count;
            free_n++;
        }
    }
    n->wanted = 0;
}

int cluster_see_leases(struct cluster_node *n, const struct cluster_lease_row *rows, size_t rows_n)
{
    struct share_node nodes[LIMIT_CLUSTER_NODES];
    size_t nodes_n = count_nodes(n, nodes), accounts = 0, me = LIMIT_CLUSTER_NODES, first, count;
    bool is_any_ready = false;
    int err = 0;

    if (!is_in_order(rows, rows_n))
        return TGC_EPROTO;
    if (!are_same_accounts(n, rows, rows_n))
        err = merge(n, rows, rows_n);
    see_all(n, rows, rows_n);
    for (size_t i = 0; i < n->leases_n; i++) {
        const struct lease *l = n->leases[i];
        size_t holder = holder_of(n, l);
        accounts += is_shared(l);
        if (is_shared(l) && holder < nodes_n)
            nodes[holder].held++;
    }
    for (size_t i = 0; i < nodes_n; i++) {
        is_any_ready |= nodes[i].is_candidate;
        if (nodes[i].id == n->id)
            me = i;
    }
    if (me == LIMIT_CLUSTER_NODES)
        return err; /* buried: the next renewal will say so */
    share_out(nodes, nodes_n, accounts);
    share_free(nodes, nodes_n, me, &first, &count);
    want(n, first, count, n->is_ready || !is_any_ready);
    if (nodes[me].held > nodes[me].target)
        give(n, nodes[me].held - nodes[me].target);
    return err;
}
