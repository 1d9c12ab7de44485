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

static json_t *node_json(const struct cluster_seen *n)
{
    json_t *j = json_pack("{s:s, s:s}", "name", n->name, "state", word_of(n->role));

    if (j && n->advertise[0])
        json_object_set_new(j, "advertise", json_string(n->advertise));
    if (j && n->is_own)
        json_object_set_new(j, "self", json_true());
    return j;
}

void op_nodes(struct worker *w, struct job *job)
{
    struct cluster_seen *seen = calloc(LIMIT_CLUSTER_NODES, sizeof(*seen));
    json_t *nodes = json_array();
    size_t n = seen && w->config.cluster ? cluster_link_nodes(w->config.cluster, seen) : 0;

    for (size_t i = 0; i < n; i++)
        json_array_append_new(nodes, node_json(&seen[i]));
    free(seen);
    op_reply_json(job, 200, json_pack("{s:o}", "nodes", nodes));
}
