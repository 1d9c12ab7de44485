#include "daemon/cluster/lease.h"

/* Not a reaction to what happened but the distance from what is to what ought to be: so no order is lost, whatever
 * happened in which sequence while the worker was still at the last one. */
enum lease_order lease_next_order(struct lease *l, bool may_run)
{
    bool ought = may_run && l->own == LEASE_HELD;

    if (l->work == LEASE_IDLE && ought) {
        l->work = LEASE_RUNNING;
        l->work_epoch = l->epoch;
        return LEASE_START;
    }
    if (l->work == LEASE_RUNNING && (!ought || l->work_epoch != l->epoch)) {
        l->work = LEASE_STOPPING;
        return l->own == LEASE_GIVING ? LEASE_STOP : LEASE_LOST;
    }
    return LEASE_NOTHING;
}

void lease_stopped(struct lease *l)
{
    if (l->work == LEASE_STOPPING)
        l->work = LEASE_IDLE;
}

void lease_taking(struct lease *l)
{
    l->own = LEASE_TAKING;
    l->is_wanted = false;
}

/* Where it had it itself, an earlier take was not answered: from whom that took it is not known. */
void lease_taken(struct lease *l, int64_t node, int64_t epoch, int64_t had)
{
    if (l->own != LEASE_TAKING)
        return;
    l->was_left = had == 0;
    l->own = LEASE_HELD;
    l->epoch = epoch;
    l->row_node = node;
    l->row_epoch = epoch;
}

void lease_not_taken(struct lease *l)
{
    if (l->own == LEASE_TAKING)
        l->own = LEASE_ELSEWHERE;
}

void lease_give(struct lease *l)
{
    if (l->own == LEASE_HELD)
        l->own = LEASE_GIVING;
}

bool lease_is_to_release(const struct lease *l)
{
    return l->own == LEASE_GIVING && l->work == LEASE_IDLE;
}

void lease_releasing(struct lease *l)
{
    l->own = LEASE_RELEASING;
}

void lease_released(struct lease *l)
{
    if (l->own != LEASE_RELEASING)
        return;
    l->own = LEASE_ELSEWHERE;
    l->row_node = 0;
}

void lease_not_released(struct lease *l)
{
    if (l->own == LEASE_RELEASING)
        l->own = LEASE_GIVING;
}

void lease_lose(struct lease *l)
{
    l->own = LEASE_ELSEWHERE;
    l->is_wanted = false;
}
