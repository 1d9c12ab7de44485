/* What must be true at every moment, whatever goes wrong. */
#include "tests/unit/cluster/model.h"

#include <inttypes.h>

#include "tests/support/unit.h"

#define AT "seed %" PRIu64 ", %.6f s: "
/* Not Check's own, which writes down that it was here: this is done some ten thousand times a seed. */
#define MUST(is_true, ...)                                                                                             \
    do {                                                                                                               \
        if (!(is_true))                                                                                                \
            ck_abort_msg(__VA_ARGS__);                                                                                 \
    } while (0)
#define WHEN m->seed, (double)m->now_us / 1e6

/* A process that is stopped counts as any other: the kernel may still send what it was given before. */
bool model_is_capable(const struct model *m, const struct model_place *p, size_t account)
{
    return p->node && p->runs[account] && p->ids[account] == cluster_node_id(p->node) &&
           model_here_us(m, p) < cluster_node_gate_us(p->node);
}

size_t model_holder(const struct model *m, size_t account)
{
    for (size_t i = 0; i < MODEL_PLACES; i++)
        if (model_is_capable(m, &m->places[i], account))
            return i;
    return MODEL_PLACES;
}

size_t model_count(const struct model *m, const struct model_place *p)
{
    size_t n = 0;

    for (size_t i = 1; i < MODEL_ACCOUNTS; i++)
        n += model_is_capable(m, p, i);
    return n;
}

size_t model_alive(const struct model *m)
{
    size_t n = 0;

    for (size_t i = 0; i < MODEL_PLACES; i++)
        n += m->places[i].node && !m->places[i].is_leaving;
    return n;
}

bool model_is_all_held(const struct model *m)
{
    for (size_t i = 0; i < MODEL_ACCOUNTS; i++)
        if (model_holder(m, i) == MODEL_PLACES)
            return false;
    return true;
}

/* Who may have traffic has the lease of the very epoch, and that has not lapsed. */
static void check_capable(struct model *m, size_t place, size_t account)
{
    const struct model_place *p = &m->places[place];
    const struct cluster_lease_row *lease = &m->leases[account];
    int64_t id = cluster_node_id(p->node);
    const struct cluster_node_row *row = database_node(&m->db, id);

    MUST(row, AT "%s (%" PRId64 ") has traffic of %zu and was buried", WHEN, p->name, id, account);
    MUST(lease->node == id && lease->epoch == p->epochs[account],
         AT "%s (%" PRId64 ") has traffic of %zu under %" PRId64 ", and the lease is %" PRId64 "'s under %" PRId64,
         WHEN, p->name, id, account, p->epochs[account], lease->node, lease->epoch);
    MUST(m->has_steps || row->until_us > model_clock_us(&m->db_clock, m->now_us),
         AT "%s has traffic of %zu, and its lease has lapsed", WHEN, p->name, account);
}

void model_check(struct model *m)
{
    for (size_t i = 0; i < MODEL_ACCOUNTS; i++) {
        size_t holders = 0;
        for (size_t k = 0; k < MODEL_PLACES; k++) {
            if (!model_is_capable(m, &m->places[k], i))
                continue;
            MUST(++holders == 1, AT "%s is the second node with traffic of %zu, beside %s", WHEN, m->places[k].name, i,
                 m->places[model_holder(m, i)].name);
            check_capable(m, k, i);
        }
        MUST(m->leases[i].epoch >= m->epochs[i], AT "the epoch of %zu went back", WHEN, i);
        m->epochs[i] = m->leases[i].epoch;
        if (holders && m->unheld_since_us[i] >= 0 && m->now_us - m->unheld_since_us[i] > m->gap_us)
            m->gap_us = m->now_us - m->unheld_since_us[i];
        if (holders)
            m->unheld_since_us[i] = -1;
        else if (m->unheld_since_us[i] < 0)
            m->unheld_since_us[i] = m->now_us;
    }
}

/* An epoch is one node's; no start bears one from before. */
void model_check_start(struct model *m, const struct model_place *p, const struct cluster_order *order)
{
    size_t i = (size_t)order->account;
    int64_t id = cluster_node_id(p->node);

    MUST(!p->runs[i], AT "%s starts %zu, which it has", WHEN, p->name, i);
    MUST(order->epoch > m->started[i] || (order->epoch == m->started[i] && id == m->starter[i]),
         AT "%s starts %zu under %" PRId64 ", and %" PRId64 " did under %" PRId64, WHEN, p->name, i, order->epoch,
         m->starter[i], m->started[i]);
    m->seen.moves += id != m->starter[i];
    m->started[i] = order->epoch;
    m->starter[i] = id;
}

void model_check_write(struct model *m, const struct model_event *e, bool is_accepted)
{
    size_t i = (size_t)e->account;
    const struct model_place *p = &m->places[e->place];

    m->seen.writes++;
    m->seen.refused_writes += !is_accepted;
    if (is_accepted) {
        MUST(e->epoch >= m->accepted[i], AT "a write under %" PRId64 " after one under %" PRId64, WHEN, e->epoch,
             m->accepted[i]);
        m->accepted[i] = e->epoch;
    } else {
        MUST(!(p->life == e->life && model_is_capable(m, p, i) && p->epochs[i] == e->epoch),
             AT "a write of who holds %zu is refused", WHEN, i);
    }
}
