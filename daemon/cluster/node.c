#include "daemon/cluster/node_internal.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/cluster/timing.h"

static void line_init(struct cluster_line *line)
{
    line->first = NULL;
    line->end = &line->first;
}

int cluster_node_new(const char *name, const char *url, int64_t lease_us, int64_t now_us, struct cluster_node **ret)
{
    if (!*name || strlen(name) >= CLUSTER_NAME_SIZE || lease_us < SECOND_US)
        return TGC_EINVAL;
    struct cluster_node *n = calloc(1, sizeof(*n));
    if (!n)
        return TGC_ENOMEM;
    n->url = strdup(url);
    if (!n->url) {
        free(n);
        return TGC_ENOMEM;
    }
    strcpy(n->name, name);
    n->lease_us = lease_us;
    n->gate_us = INT64_MIN;
    n->life.next_us = n->work.next_us = now_us;
    line_init(&n->noted);
    line_init(&n->queued);
    *ret = n;
    return 0;
}

void cluster_node_free(struct cluster_node *n)
{
    if (!n)
        return;
    for (size_t i = 0; i < n->leases_n; i++)
        free(n->leases[i]);
    free(n->leases);
    free(n->url);
    free(n);
}

struct lease *cluster_find(const struct cluster_node *n, int64_t account)
{
    size_t low = 0, high = n->leases_n;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (n->leases[middle]->account < account)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n->leases_n && n->leases[low]->account == account ? n->leases[low] : NULL;
}

void cluster_note(struct cluster_node *n, struct lease *l)
{
    if (l->is_noted)
        return;
    l->is_noted = true;
    l->next_noted = NULL;
    *n->noted.end = l;
    n->noted.end = &l->next_noted;
}

void cluster_queue(struct cluster_node *n, struct lease *l)
{
    if (l->is_queued || !lease_is_to_release(l))
        return;
    l->is_queued = true;
    l->next_queued = NULL;
    *n->queued.end = l;
    n->queued.end = &l->next_queued;
}

/* An account is told to start or to stop for the gate's sake once, when that opens or shuts: not by each renewal. */
void cluster_settle(struct cluster_node *n, int64_t now_us)
{
    bool may_run = n->id && now_us < n->gate_us;

    if (may_run == n->may_run)
        return;
    n->may_run = may_run;
    for (size_t i = 0; i < n->leases_n; i++)
        cluster_note(n, n->leases[i]);
}

void cluster_end_life(struct cluster_node *n)
{
    n->id = 0;
    n->gate_us = INT64_MIN;
    n->work.statement.seq = 0;
    n->is_look_due = false;
    n->wanted = n->leases_n;
    line_init(&n->queued);
    for (size_t i = 0; i < n->leases_n; i++) {
        lease_lose(n->leases[i]);
        n->leases[i]->is_queued = false;
        cluster_note(n, n->leases[i]);
    }
}

static void check_if_left(struct cluster_node *n)
{
    if (n->is_leaving && !n->id && !n->busy)
        n->has_left = true;
}

void cluster_node_watched(struct cluster_node *n, int64_t now_us, const struct cluster_node_row *row, int64_t since_us)
{
    n->before = (struct watch_node){.row = *row, .seen_us = since_us, .again_us = since_us};
    n->before_us = now_us;
}

void cluster_node_tick(struct cluster_node *n, int64_t now_us)
{
    if (n->life.statement.seq && now_us >= n->life.statement.sent_us + cluster_patience_us(n->lease_us))
        cluster_give_up(n, &n->life, now_us);
    if (n->work.statement.seq && now_us >= n->work.statement.sent_us + n->lease_us)
        cluster_give_up(n, &n->work, now_us);
    cluster_settle(n, now_us);
    check_if_left(n);
}

void cluster_node_stopped(struct cluster_node *n, int64_t now_us, int64_t account)
{
    struct lease *l = cluster_find(n, account);

    if (l && l->work == LEASE_STOPPING) {
        lease_stopped(l);
        n->busy--;
        cluster_note(n, l);
        cluster_queue(n, l);
    }
    cluster_node_tick(n, now_us);
}

void cluster_node_hint(struct cluster_node *n, int64_t now_us)
{
    n->is_look_due = true;
    cluster_node_tick(n, now_us);
}

void cluster_node_ready(struct cluster_node *n, int64_t now_us)
{
    n->is_ready = true;
    if (n->told != cluster_stage(n))
        n->life.next_us = now_us;
    cluster_node_tick(n, now_us);
}

void cluster_node_leave(struct cluster_node *n, int64_t now_us)
{
    if (!n->is_leaving) {
        n->is_leaving = true;
        n->wanted = n->leases_n;
        for (size_t i = 0; i < n->leases_n; i++) {
            struct lease *l = n->leases[i];
            l->is_wanted = false;
            lease_give(l);
            cluster_note(n, l);
            cluster_queue(n, l);
        }
        n->life.next_us = now_us;
    }
    cluster_node_tick(n, now_us);
}

bool cluster_node_order(struct cluster_node *n, int64_t now_us, struct cluster_order *ret)
{
    cluster_settle(n, now_us);
    while (n->noted.first) {
        struct lease *l = n->noted.first;
        n->noted.first = l->next_noted;
        if (!n->noted.first)
            n->noted.end = &n->noted.first;
        l->is_noted = false;
        enum lease_order order = lease_next_order(l, n->may_run);
        if (order == LEASE_NOTHING)
            continue;
        n->busy += order == LEASE_START;
        *ret = (struct cluster_order){
            .order = order, .account = l->account, .epoch = l->work_epoch, .id = n->id, .died = !l->was_left};
        return true;
    }
    check_if_left(n);
    return false;
}

int64_t cluster_node_gate_us(const struct cluster_node *n)
{
    return n->gate_us;
}

int64_t cluster_node_id(const struct cluster_node *n)
{
    return n->id;
}

int64_t cluster_node_epoch(const struct cluster_node *n, int64_t account)
{
    const struct lease *l = cluster_find(n, account);

    return l && n->may_run && l->own == LEASE_HELD && l->work == LEASE_RUNNING ? l->epoch : 0;
}

bool cluster_node_is_idle(const struct cluster_node *n)
{
    return !n->busy;
}

bool cluster_node_has_left(const struct cluster_node *n)
{
    return n->has_left;
}
