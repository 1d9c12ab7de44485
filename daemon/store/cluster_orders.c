/* What the machine says is to be done: with the gate, the lead and each account. */
#include <stdlib.h>

#include "daemon/base/log.h"
#include "daemon/store/cluster_link_internal.h"

static void set_leads(struct cluster_link *l, bool leads)
{
    pthread_mutex_lock(&l->lock);
    l->taken_n += leads && !l->leads;
    l->leads = leads;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
}

static void move_gate(struct cluster_link *l, int64_t until_us)
{
    if (until_us == INT64_MIN && !l->is_open)
        return;
    l->is_open = until_us != INT64_MIN;
    l->config.gate(l->config.ctx, until_us);
}

/* For the others it ended: they hold what it had, or will. */
static void end_process(struct cluster_link *l, const char *why)
{
    move_gate(l, INT64_MIN);
    log_error("cluster", "%s: what is known of the accounts here may not be so any more", why);
    l->config.taken();
}

static void bind_to(struct cluster_link *l, int64_t id)
{
    pthread_mutex_lock(&l->lock);
    l->bound = id;
    pthread_mutex_unlock(&l->lock);
}

/* Others found this node dead, and it is none that they know any more. */
static bool end_with_life(struct cluster_link *l)
{
    pthread_mutex_lock(&l->lock);
    bool has_ended = l->bound && l->bound != cluster_node_id(l->node), had_accounts = l->epoch || l->here;
    pthread_mutex_unlock(&l->lock);
    has_ended = has_ended && !l->has_begun_to_leave;
    if (has_ended)
        end_process(l, had_accounts ? "another node had the accounts meanwhile"
                                    : "the other nodes took this one for dead, as it did not answer");
    return has_ended;
}

static struct cluster_here *find_here(struct cluster_link *l, int64_t account)
{
    struct cluster_here *h;

    HASH_FIND(hh, l->here, &account, sizeof(account), h);
    return h;
}

static void forget_here(struct cluster_link *l, struct cluster_here *h)
{
    HASH_DELETE(hh, l->here, h);
    free(h);
}

static void hold(struct cluster_link *l, int64_t account, bool died)
{
    struct cluster_here *h = find_here(l, account);

    if (h) {
        h->is_paused = false;
        return;
    }
    h = calloc(1, sizeof(*h));
    if (h) {
        h->account = account;
        HASH_ADD(hh, l->here, account, sizeof(h->account), h);
    }
    if (!h || !h->hh.tbl) {
        free(h);
        end_process(l, "out of memory");
        return;
    }
    l->config.hold(l->config.ctx, account, died);
}

static void start(struct cluster_link *l, const struct cluster_order *o)
{
    bind_to(l, o->id);
    if (o->account != CLUSTER_LEAD) {
        hold(l, o->account, o->died);
        return;
    }
    log_notice("cluster", "the accounts are this node's%s", l->epoch ? " again" : "");
    l->epoch = o->epoch;
    set_leads(l, true);
    l->config.leads(l->config.ctx, o->died);
}

static bool is_shut(const struct cluster_link *l)
{
    return l->has_begun_to_leave || cluster_link_now(l) >= cluster_node_gate_us(l->node);
}

/* Nothing leaves any more where the gate is shut; then all stays as it is until it opens. */
static void end(struct cluster_link *l, const struct cluster_order *o)
{
    struct cluster_here *h = find_here(l, o->account);
    /* What is to be given is given whole, whether or not the gate is open. */
    bool may_stay = l->has_begun_to_leave || (o->order == LEASE_LOST && is_shut(l));

    if (may_stay && o->order == LEASE_LOST && l->is_open && (l->leads || l->here)) {
        pthread_mutex_lock(&l->lock);
        l->lost_n++;
        pthread_mutex_unlock(&l->lock);
        log_error("cluster", "this node's lease is over: nothing is sent for its accounts until it is renewed");
    }
    if (may_stay)
        move_gate(l, INT64_MIN);
    if (o->account == CLUSTER_LEAD) {
        set_leads(l, false);
        if (!may_stay)
            end_process(l, "somebody changed the lead's lease in the table tgcalld_lease");
    } else if (h && !may_stay) {
        h->is_going = true;
        l->config.give(l->config.ctx, o->account);
        return;
    } else if (h) {
        h->is_paused = true;
    }
    cluster_node_stopped(l->node, cluster_link_now(l), o->account);
}

static void end_those_that_went(struct cluster_link *l)
{
    struct cluster_here *h, *next;

    HASH_ITER (hh, l->here, h, next) {
        if (!h->is_going || !l->config.gave(l->config.ctx, h->account))
            continue;
        int64_t account = h->account;
        forget_here(l, h);
        cluster_node_stopped(l->node, cluster_link_now(l), account);
    }
}

/* When the gate opens all that was paused is told to go on first; what is not, is not this node's. */
static bool is_any_paused(const struct cluster_link *l)
{
    for (const struct cluster_here *h = l->here; h; h = h->hh.next)
        if (h->is_paused)
            return true;
    return false;
}

void cluster_link_obey(struct cluster_link *l)
{
    struct cluster_order o;

    if (end_with_life(l))
        return;
    end_those_that_went(l);
    while (cluster_node_order(l->node, cluster_link_now(l), &o)) {
        if (o.order == LEASE_START)
            start(l, &o);
        else
            end(l, &o);
    }
    if (is_shut(l))
        return;
    if (is_any_paused(l))
        end_process(l, "somebody changed a lease in the table tgcalld_lease while it was not renewed");
    move_gate(l, cluster_node_gate_us(l->node));
}

void cluster_link_shut(struct cluster_link *l)
{
    move_gate(l, INT64_MIN);
}

void cluster_link_forget_all(struct cluster_link *l)
{
    while (l->here)
        forget_here(l, l->here);
}
