#include "daemon/store/cluster_metrics.h"

#include <inttypes.h>
#include <stdlib.h>

#include "daemon/store/cluster_link.h"

static void put_one(struct buf *out, const char *family, const char *type, const char *help, int64_t value)
{
    metrics_put_family(out, family, type, help);
    metrics_put_number(out, family, "", value);
}

static void put_seconds(struct buf *out, const char *family, const char *help, int64_t us)
{
    int64_t size_us = us < 0 ? -us : us;

    metrics_put_family(out, family, "gauge", help);
    buf_printf(out, "%s %s%" PRId64 ".%06" PRId64 "\n", family, us < 0 ? "-" : "", size_us / SECOND_US,
               size_us % SECOND_US);
}

static void put_nodes(struct cluster_link *l, struct buf *out)
{
    static const char *const states[] = {[CLUSTER_ACTIVE] = "state=\"active\"",
                                         [CLUSTER_WAITING] = "state=\"waiting\"",
                                         [CLUSTER_LEAVING] = "state=\"leaving\""};
    struct cluster_seen *seen = calloc(LIMIT_CLUSTER_NODES, sizeof(*seen));
    int64_t counts[sizeof(states) / sizeof(states[0])] = {0};
    size_t n = seen ? cluster_link_nodes(l, seen) : 0;

    for (size_t i = 0; i < n; i++)
        counts[seen[i].role]++;
    metrics_put_family(out, "tgcalld_cluster_nodes", "gauge", "Nodes by state, as this one saw them last.");
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        metrics_put_number(out, "tgcalld_cluster_nodes", states[i], counts[i]);
    if (!seen)
        out->err = TGC_ENOMEM;
    free(seen);
}

static void put_server(const struct server_facts *server, struct buf *out)
{
    if (!server->seen_us)
        return;
    put_one(out, "tgcalld_cluster_database_connections_left", "gauge",
            "Connections that the database server still takes of this login.", server->connections_left);
    put_seconds(out, "tgcalld_cluster_database_clock_ahead_seconds",
                "The database server's clock before this machine's.", server->clock_ahead_us);
}

void cluster_metrics_put(void *link, struct buf *out)
{
    struct cluster_link *l = link;
    struct cluster_report report;

    cluster_link_report(l, &report);
    put_one(out, "tgcalld_cluster_active", "gauge", "1 while this node has the accounts.", report.leads);
    put_nodes(l, out);
    put_seconds(out, "tgcalld_cluster_lease_left_seconds", "What is left of this node's lease.", report.left_us);
    put_one(out, "tgcalld_cluster_takeovers_total", "counter", "Times that this node got the accounts.",
            (int64_t)report.taken);
    put_one(out, "tgcalld_cluster_losses_total", "counter",
            "Times that this node's lease was over while it had the accounts.", (int64_t)report.lost);
    metrics_put_histogram(out, "tgcalld_cluster_statement_seconds",
                          "How long the database took for the statements of the lease.", cluster_link_times(l));
    put_server(&report.server, out);
}
