#include "tests/unit/cluster/database.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

struct cluster_node_row *database_node(const struct database *d, int64_t id)
{
    for (size_t i = 0; i < d->nodes_n; i++)
        if (d->nodes[i].id == id)
            return (struct cluster_node_row *)&d->nodes[i];
    return NULL;
}

struct cluster_lease_row *database_lease(const struct database *d, int64_t account)
{
    size_t low = 0, high = d->leases_n;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (d->leases[middle].account < account)
            low = middle + 1;
        else
            high = middle;
    }
    return low < d->leases_n && d->leases[low].account == account ? &d->leases[low] : NULL;
}

static bool delete_node(struct database *d, int64_t id)
{
    struct cluster_node_row *row = database_node(d, id);

    if (!row)
        return false;
    d->nodes_n--;
    memmove(row, row + 1, (size_t)(&d->nodes[d->nodes_n] - row) * sizeof(*row));
    return true;
}

static bool leave(struct database *d, int64_t id)
{
    bool is_there = delete_node(d, id);

    for (size_t i = 0; is_there && i < d->leases_n; i++)
        if (d->leases[i].node == id)
            d->leases[i].node = 0;
    return is_there;
}

static bool is_within_lease(const struct database *d, const struct cluster_node_row *row)
{
    return row->until_us >= d->now_us && row->until_us <= d->now_us + row->lease_us;
}

static bool register_node(struct database *d, const struct cluster_statement *s, struct database_answer *a)
{
    size_t alive = 0;

    for (size_t i = d->nodes_n; i-- > 0;)
        if (d->nodes[i].beat == 0 && !is_within_lease(d, &d->nodes[i]))
            delete_node(d, d->nodes[i].id);
    for (size_t i = 0; i < d->nodes_n; i++)
        alive += d->nodes[i].beat > 0 && is_within_lease(d, &d->nodes[i]);
    if (alive >= LIMIT_CLUSTER_NODES)
        return false;
    ck_assert_uint_lt(d->nodes_n, DATABASE_NODES);
    struct cluster_node_row *row = &d->nodes[d->nodes_n++];
    *row = (struct cluster_node_row){.id = ++d->last_id, .lease_us = s->lease_us, .until_us = d->now_us + s->lease_us};
    strcpy(row->name, s->name);
    a->answer.id = row->id;
    return true;
}

static void show_nodes(const struct database *d, struct database_answer *a)
{
    a->nodes = malloc((d->nodes_n + 1) * sizeof(*a->nodes));
    a->answer.nodes = a->nodes;
    for (size_t i = 0; i < d->nodes_n; i++)
        if (d->nodes[i].beat > 0)
            a->nodes[a->answer.nodes_n++] = d->nodes[i];
}

static bool renew(struct database *d, const struct cluster_statement *s, struct database_answer *a)
{
    struct cluster_node_row *row = database_node(d, s->id);

    if (!row)
        return false;
    a->notifies = row->beat == 0 || s->stage != row->stage;
    row->until_us = d->now_us + row->lease_us;
    row->beat++;
    row->stage = s->stage;
    show_nodes(d, a);
    return true;
}

static bool bury(struct database *d, const struct cluster_statement *s)
{
    const struct cluster_node_row *row = database_node(d, s->id);

    return row && row->beat == s->beat &&
           (row->until_us + s->margin_us < d->now_us || row->until_us > d->now_us + row->lease_us + s->margin_us) &&
           delete_node(d, s->id);
}

struct database_nodes *database_nodes(const struct database *d)
{
    struct database_nodes *seen = malloc(sizeof(*seen) + d->nodes_n * sizeof(seen->ids[0]));

    seen->n = d->nodes_n;
    for (size_t i = 0; i < d->nodes_n; i++)
        seen->ids[i] = d->nodes[i].id;
    return seen;
}

static bool take_finds_node(const struct database *d, int64_t id)
{
    if (!d->seen)
        return database_node(d, id);
    for (size_t i = 0; i < d->seen->n; i++)
        if (d->seen->ids[i] == id)
            return true;
    return false;
}

static bool take(struct database *d, const struct cluster_statement *s, struct database_answer *a)
{
    a->taken = malloc((s->n + 1) * sizeof(*a->taken));
    a->answer.taken = a->taken;
    for (size_t i = 0; take_finds_node(d, s->id) && i < s->n; i++) {
        struct cluster_lease_row *row = database_lease(d, s->claims[i].account);
        if (!row || row->epoch != s->claims[i].epoch || (row->node != s->id && take_finds_node(d, row->node)))
            continue;
        a->taken[a->answer.taken_n++] = (struct cluster_claim){row->account, ++row->epoch, row->node};
        row->node = s->id;
    }
    return a->answer.taken_n > 0;
}

static bool release(struct database *d, const struct cluster_statement *s)
{
    bool is_any = false;

    for (size_t i = 0; i < s->n; i++) {
        struct cluster_lease_row *row = database_lease(d, s->claims[i].account);
        if (!row || row->epoch != s->claims[i].epoch || row->node != s->id)
            continue;
        row->node = 0;
        is_any = true;
    }
    return is_any;
}

static bool look(const struct database *d, struct database_answer *a)
{
    show_nodes(d, a);
    a->leases = malloc((d->leases_n + 1) * sizeof(*a->leases));
    memcpy(a->leases, d->leases, d->leases_n * sizeof(*a->leases));
    a->answer.leases = a->leases;
    a->answer.leases_n = d->leases_n;
    return true;
}

static bool run(struct database *d, const struct cluster_statement *s, struct database_answer *a)
{
    switch (s->kind) {
    case CLUSTER_REGISTER:
        return register_node(d, s, a);
    case CLUSTER_RENEW:
        return renew(d, s, a);
    case CLUSTER_BURY:
        return a->notifies = bury(d, s);
    case CLUSTER_TAKE:
        return take(d, s, a);
    case CLUSTER_RELEASE:
        return a->notifies = release(d, s);
    case CLUSTER_LEAVE:
        return a->notifies = leave(d, s->id);
    case CLUSTER_LOOK:
        return look(d, a);
    }
    return false;
}

struct database_answer *database_run(struct database *d, const struct cluster_statement *s)
{
    struct database_answer *a = calloc(1, sizeof(*a));

    a->answer.seq = s->seq;
    a->answer.now_us = d->now_us;
    a->answer.result = run(d, s, a) ? CLUSTER_DONE : CLUSTER_REFUSED;
    return a;
}

void database_answer_free(struct database_answer *a)
{
    free(a->nodes);
    free(a->leases);
    free(a->taken);
    free(a);
}

bool database_write(const struct database *d, int64_t account, int64_t epoch, int64_t id)
{
    const struct cluster_lease_row *row = database_lease(d, account);

    return row && row->epoch == epoch && row->node == id;
}
