/* GET /v1/nodes. */
#include "daemon/store/cluster_link.h"
#include "daemon/worker/op.h"

static const char *word_of(enum cluster_role role)
{
    switch (role) {
    case CLUSTER_ACTIVE:
        return "active";
    case CLUSTER_WAITING:
        return "waiting";
    case CLUSTER_LEAVING:
        break;
    }
    return "leaving";
}

/* Those of the one that has them all; -1: not known, or nothing for a token that is bound to some. */
static int64_t accounts_of(struct worker *w, const struct job *job, const struct cluster_seen *n,
                           const struct cluster_report *report)
{
    struct directory_pick pick;
    struct directory_census census = {0};

    if (job->accounts)
        return -1;
    if (n->role != CLUSTER_ACTIVE)
        return 0;
    if (!n->is_own)
        return report->accounts;
    (void)directory_find_only(w->config.workers->directory, NULL, &pick, &census);
    return (int64_t)census.accounts;
}

static json_t *node_json(const struct cluster_seen *n, int64_t accounts)
{
    json_t *j = json_pack("{s:s, s:s, s:I, s:I}", "name", n->name, "state", word_of(n->role), "lease_left_ms",
                          (json_int_t)(n->left_us / 1000), "seen_at", (json_int_t)(n->seen_us / SECOND_US));

    if (j && accounts >= 0)
        json_object_set_new(j, "accounts", json_integer(accounts));
    if (j && n->advertise[0])
        json_object_set_new(j, "advertise", json_string(n->advertise));
    if (j && n->is_own)
        json_object_set_new(j, "self", json_true());
    return j;
}

/* NULL: nothing is known of it yet. */
static json_t *database_json(const struct server_facts *s)
{
    if (!s->seen_us)
        return NULL;
    return json_pack("{s:I, s:I, s:I, s:b, s:b, s:b, s:b}", "seen_at", (json_int_t)(s->seen_us / SECOND_US),
                     "clock_ahead_ms", (json_int_t)(s->clock_ahead_us / 1000), "connections_left",
                     (json_int_t)s->connections_left, "fsync", s->has_fsync, "full_page_writes",
                     s->has_full_page_writes, "synchronous_commit", s->has_synchronous_commit, "synchronous_standby",
                     s->has_synchronous_standby);
}

void op_nodes(struct worker *w, struct job *job)
{
    struct cluster_seen *seen = calloc(LIMIT_CLUSTER_NODES, sizeof(*seen));
    struct cluster_link *link = w->config.cluster;
    struct cluster_report report = {.accounts = -1};
    json_t *nodes = json_array();
    size_t n = seen && link ? cluster_link_nodes(link, seen) : 0;

    if (link)
        cluster_link_report(link, &report);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(nodes, node_json(&seen[i], accounts_of(w, job, &seen[i], &report)));
    free(seen);
    op_reply_json(job, 200, json_pack("{s:o, s:o*}", "nodes", nodes, "database", database_json(&report.server)));
}
