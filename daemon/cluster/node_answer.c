/* What came of a statement. */
#include "daemon/cluster/node_internal.h"

#include "daemon/cluster/timing.h"

static void registered(struct cluster_node *n, int64_t now_us, const struct cluster_answer *a)
{
    if (a->result != CLUSTER_DONE || a->id <= 0) {
        n->life.next_us = now_us + cluster_retry_us(n->lease_us);
        return;
    }
    n->id = a->id;
    n->told = CLUSTER_COMES;
    n->watch = (struct watch){.at_us = now_us};
    if (n->before.row.id && now_us - n->before_us <= cluster_gap_us(n->lease_us))
        n->watch.nodes[n->watch.n++] = n->before;
    n->before.row.id = 0;
    n->life.next_us = now_us;
}

static void renewed(struct cluster_node *n, int64_t now_us, const struct cluster_answer *a)
{
    int64_t gate_us = n->life.statement.sent_us + cluster_hold_us(n->lease_us);
    bool is_first = n->gate_us == INT64_MIN;

    if (a->result == CLUSTER_UNKNOWN) {
        n->life.next_us = now_us + cluster_retry_us(n->lease_us);
        return;
    }
    if (a->result == CLUSTER_REFUSED) {
        cluster_end_life(n);
        n->life.next_us = now_us;
        return;
    }
    if (gate_us > n->gate_us)
        n->gate_us = gate_us;
    n->told = n->life.statement.stage;
    if (n->told != cluster_stage(n))
        n->life.next_us = now_us;
    if (watch_see(&n->watch, now_us, a, cluster_gap_us(n->lease_us)) || is_first)
        n->is_look_due = true;
}

static const struct cluster_claim *claim_of(const struct cluster_answer *a, size_t *k, int64_t account)
{
    while (*k < a->taken_n && a->taken[*k].account < account)
        ++*k;
    return *k < a->taken_n && a->taken[*k].account == account ? &a->taken[*k] : NULL;
}

/* Who is leaving meanwhile gives at once what was taken; it never ran. */
static void taken(struct cluster_node *n, const struct cluster_answer *a)
{
    size_t k = 0;

    for (size_t i = 0; i < n->work.statement.n; i++) {
        struct lease *l = cluster_find(n, n->work.statement.claims[i].account);
        const struct cluster_claim *claim = a->result == CLUSTER_DONE ? claim_of(a, &k, l->account) : NULL;
        if (claim) {
            lease_taken(l, n->id, claim->epoch, claim->node);
            if (n->is_leaving)
                lease_give(l);
        } else {
            lease_not_taken(l);
            n->is_look_due = true;
        }
        cluster_note(n, l);
        cluster_queue(n, l);
    }
}

static void released(struct cluster_node *n, const struct cluster_answer *a)
{
    for (size_t i = 0; i < n->work.statement.n; i++) {
        struct lease *l = cluster_find(n, n->work.statement.claims[i].account);
        if (a->result == CLUSTER_UNKNOWN)
            lease_not_released(l);
        else
            lease_released(l);
        cluster_queue(n, l);
    }
    n->is_look_due = true;
}

static int looked(struct cluster_node *n, int64_t now_us, const struct cluster_answer *a)
{
    n->is_look_due |= a->result != CLUSTER_DONE;
    if (a->result != CLUSTER_DONE || n->is_leaving)
        return 0;
    watch_see(&n->watch, now_us, a, cluster_gap_us(n->lease_us));
    int err = cluster_see_leases(n, a->leases, a->leases_n);
    if (err) {
        n->is_look_due = true;
        n->work.next_us = now_us + cluster_retry_us(n->lease_us);
    }
    return err;
}

static int worked(struct cluster_node *n, int64_t now_us, const struct cluster_answer *a)
{
    if (a->result == CLUSTER_UNKNOWN)
        n->work.next_us = now_us + cluster_retry_us(n->lease_us);
    switch (n->work.statement.kind) {
    case CLUSTER_TAKE:
        taken(n, a);
        return 0;
    case CLUSTER_RELEASE:
        released(n, a);
        return 0;
    case CLUSTER_LOOK:
        return looked(n, now_us, a);
    case CLUSTER_LEAVE:
        if (a->result != CLUSTER_UNKNOWN)
            cluster_end_life(n);
        return 0;
    default:
        n->is_look_due = true;
        return 0;
    }
}

int cluster_node_answer(struct cluster_node *n, int64_t now_us, const struct cluster_answer *a)
{
    int err = 0;

    if (n->has_left)
        return 0;
    if (a->seq && a->seq == n->life.statement.seq) {
        n->life.statement.seq = 0;
        if (n->life.statement.kind == CLUSTER_REGISTER)
            registered(n, now_us, a);
        else
            renewed(n, now_us, a);
    } else if (a->seq && a->seq == n->work.statement.seq) {
        n->work.statement.seq = 0;
        err = worked(n, now_us, a);
    }
    cluster_node_tick(n, now_us);
    return err;
}

void cluster_give_up(struct cluster_node *n, struct cluster_slot *slot, int64_t now_us)
{
    struct cluster_answer none = {.result = CLUSTER_UNKNOWN};

    slot->statement.seq = 0;
    if (slot == &n->work) {
        (void)worked(n, now_us, &none);
        return;
    }
    if (slot->statement.kind == CLUSTER_REGISTER)
        registered(n, now_us, &none);
    else
        renewed(n, now_us, &none);
    slot->next_us = now_us; /* it has waited already */
}
