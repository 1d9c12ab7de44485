/* Which statement is next, and when anything is. */
#include "daemon/cluster/node_internal.h"

#include "daemon/cluster/timing.h"

static struct cluster_statement *begin(struct cluster_node *n, struct cluster_slot *slot, enum cluster_kind kind,
                                       int64_t now_us)
{
    struct cluster_statement *s = &slot->statement;

    s->kind = kind;
    s->seq = ++n->seq;
    s->sent_us = now_us;
    s->id = n->id;
    s->n = 0;
    return s;
}

static const struct cluster_statement *live(struct cluster_node *n, int64_t now_us)
{
    if (n->life.statement.seq || now_us < n->life.next_us || (n->is_leaving && !n->id))
        return NULL;
    struct cluster_statement *s = begin(n, &n->life, n->id ? CLUSTER_RENEW : CLUSTER_REGISTER, now_us);
    s->name = n->name;
    s->url = n->url;
    s->lease_us = n->lease_us;
    s->stage = cluster_stage(n);
    n->life.next_us = now_us + cluster_renew_us(n->lease_us);
    return s;
}

static const struct cluster_statement *release(struct cluster_node *n, int64_t now_us)
{
    struct cluster_statement *s = begin(n, &n->work, CLUSTER_RELEASE, now_us);

    while (n->queued.first && s->n < LIMIT_CLUSTER_BATCH) {
        struct lease *l = n->queued.first;
        n->queued.first = l->next_queued;
        l->is_queued = false;
        lease_releasing(l);
        s->claims[s->n++] = (struct cluster_claim){.account = l->account, .epoch = l->epoch};
    }
    if (!n->queued.first)
        n->queued.end = &n->queued.first;
    return s;
}

static void skip_unwanted(struct cluster_node *n)
{
    while (n->wanted < n->leases_n && !n->leases[n->wanted]->is_wanted)
        n->wanted++;
}

static const struct cluster_statement *take(struct cluster_node *n, int64_t now_us)
{
    struct cluster_statement *s = begin(n, &n->work, CLUSTER_TAKE, now_us);

    for (; n->wanted < n->leases_n && s->n < LIMIT_CLUSTER_BATCH; skip_unwanted(n)) {
        struct lease *l = n->leases[n->wanted];
        lease_taking(l);
        s->claims[s->n++] = (struct cluster_claim){.account = l->account, .epoch = l->row_epoch};
    }
    return s;
}

static const struct cluster_statement *bury(struct cluster_node *n, struct watch_node *other, int64_t now_us)
{
    struct cluster_statement *s = begin(n, &n->work, CLUSTER_BURY, now_us);

    s->id = other->row.id;
    s->beat = other->row.beat;
    s->margin_us = cluster_margin_us(other->row.lease_us);
    other->again_us = now_us + cluster_retry_us(n->lease_us);
    return s;
}

/* Giving up comes first: others wait for it. */
static const struct cluster_statement *work(struct cluster_node *n, int64_t now_us)
{
    struct watch_node *other;
    int64_t due_us;

    if (!n->id || n->work.statement.seq || now_us < n->work.next_us)
        return NULL;
    if (n->is_leaving && !n->busy)
        return begin(n, &n->work, CLUSTER_LEAVE, now_us);
    if (n->queued.first)
        return release(n, now_us);
    if (!n->may_run || n->is_leaving)
        return NULL;
    other = watch_first_due(&n->watch, n->id, &due_us);
    if (other && now_us >= due_us)
        return bury(n, other, now_us);
    skip_unwanted(n);
    if (n->wanted < n->leases_n)
        return take(n, now_us);
    if (!n->is_look_due && now_us < n->look_us)
        return NULL;
    n->is_look_due = false;
    n->look_us = now_us + n->lease_us;
    return begin(n, &n->work, CLUSTER_LOOK, now_us);
}

const struct cluster_statement *cluster_node_statement(struct cluster_node *n, int64_t now_us)
{
    const struct cluster_statement *s;

    if (n->has_left)
        return NULL;
    cluster_settle(n, now_us);
    s = live(n, now_us);
    return s ? s : work(n, now_us);
}

static void at_most(int64_t *deadline_us, int64_t us)
{
    if (us < *deadline_us)
        *deadline_us = us;
}

int64_t cluster_node_deadline_us(struct cluster_node *n)
{
    int64_t deadline_us = INT64_MAX, due_us;
    bool has_work = n->queued.first || (n->is_leaving && !n->busy);

    if (n->has_left)
        return INT64_MAX;
    if (n->life.statement.seq)
        at_most(&deadline_us, n->life.statement.sent_us + cluster_patience_us(n->lease_us));
    else if (n->id || !n->is_leaving)
        at_most(&deadline_us, n->life.next_us);
    if (n->may_run)
        at_most(&deadline_us, n->gate_us);
    if (n->work.statement.seq) {
        at_most(&deadline_us, n->work.statement.sent_us + n->lease_us);
    } else if (n->id) {
        int64_t work_us = has_work ? n->work.next_us : INT64_MAX;
        if (n->may_run && !n->is_leaving) {
            if (watch_first_due(&n->watch, n->id, &due_us))
                at_most(&work_us, due_us);
            skip_unwanted(n);
            at_most(&work_us, n->wanted < n->leases_n || n->is_look_due ? n->work.next_us : n->look_us);
        }
        at_most(&deadline_us, work_us > n->work.next_us ? work_us : n->work.next_us);
    }
    return deadline_us;
}
