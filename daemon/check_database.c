#include "daemon/check_database.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/app.h"
#include "daemon/data_centres.h"
#include "daemon/store/migrate.h"
#include "daemon/store/probe.h"
#include "daemon/store_place.h"

/* Connections of the daemon: for the store and one that takes its place; of a node see SEVERAL NODES in tgcalld(8). */
enum { CONNECTIONS = 2, CONNECTIONS_OF_A_NODE = 5 };
/* No lease depends on the server's clock; who reads two logs does. */
#define CLOCK_MAX_US (10 * SECOND_US)

/* What the server would do, but not well. */
static void warn_of_server(const struct settings *s, const struct server_facts *server)
{
    int64_t needed = s->cluster_node ? CONNECTIONS_OF_A_NODE : CONNECTIONS;
    int64_t ahead_us = server->clock_ahead_us;

    if (!server->has_fsync)
        fprintf(stderr,
                "tgcalld: warning: the database server has fsync off: what it committed may be gone when its machine "
                "fails, and a call made twice; set fsync = on in its postgresql.conf\n");
    if (!server->has_full_page_writes)
        fprintf(stderr,
                "tgcalld: warning: the database server has full_page_writes off: the database may be damaged when "
                "its machine fails, unless its file system writes pages whole\n");
    if (!server->has_synchronous_commit)
        fprintf(stderr,
                "tgcalld: warning: a commit does not wait for the database server's disk, though it is asked to\n");
    if (server->connections_left < needed)
        fprintf(
            stderr,
            "tgcalld: warning: the database server takes %lld more connections of this login, and this daemon needs "
            "%lld: raise max_connections, or the limit of the database or the role\n",
            (long long)server->connections_left, (long long)needed);
    if (ahead_us > CLOCK_MAX_US || ahead_us < -CLOCK_MAX_US)
        fprintf(stderr, "tgcalld: warning: the database server's clock is %lld s %s this machine's\n",
                (long long)(ahead_us < 0 ? -ahead_us : ahead_us) / SECOND_US, ahead_us < 0 ? "behind" : "ahead of");
}

static int complain(const char *text)
{
    fprintf(stderr, "tgcalld: %s\n", text);
    return EXIT_CONFIG;
}

/* --- whose store it is --- */

static void warn_of_version(int version)
{
    if (version > 0 && version < STORE_VERSION)
        fprintf(stderr,
                "tgcalld: warning: the database is of version %d, and a start changes it to %d: no older tgcalld opens "
                "it then; make a backup first\n",
                version, STORE_VERSION);
}

/* A service's key is a credential, which who asks at the command line is not given, or a file that he may not read. */
static bool is_key_unseen(const struct settings *s, int err)
{
    return (err == TGC_ENOKEY && !s->store_key_file) || err == TGC_ESYSTEM;
}

/* *RET_VERSION -1: it is not known. What is wrong with the data centres' keys is said elsewhere. */
static int judge_store(const struct settings *s, int *ret_version)
{
    const struct state_dir state = {.path = s->state_dir, .lock_fd = -1};
    struct data_centres dcs;
    struct fault fault = {0};

    *ret_version = -1;
    if (data_centres_load(s, NULL, &dcs, &fault) != 0)
        return 0;
    int err = store_place_look(s, &state, &dcs, ret_version, &fault);
    data_centres_fini(&dcs);
    warn_of_version(*ret_version);
    if (!err)
        return 0;
    *ret_version = *ret_version ? *ret_version : -1;
    if (is_key_unseen(s, err))
        fprintf(stderr, "tgcalld: warning: whether the seal key is the database's is not known: %s\n", fault.text);
    else if (err == TGC_EAWAY || err == TGC_ENOMEM)
        fprintf(stderr, "tgcalld: warning: the database was not looked at: %s\n", fault.text);
    else
        return complain(fault.text);
    return 0;
}

/* --- the nodes --- */

/* Each renews its lease three times in its time. */
enum { WATCH_MAX_MS = 10 * 1000 };

/* The daemon of the state directory says where it listens, and it may be the one that is asked about. */
static bool may_be_here(const struct settings *s)
{
    const struct state_dir state = {.path = s->state_dir, .lock_fd = -1};
    char *path = state_dir_file(&state, "listen");
    bool may = !path || access(path, F_OK) == 0 || errno == EACCES;

    free(path);
    return may;
}

/* One that was killed is there until its lease has lapsed; who lives goes on to renew it. */
static bool is_renewed(const struct settings *s, const struct cluster_node_row *node)
{
    struct cluster_node_row nodes[LIMIT_CLUSTER_NODES];
    struct fault fault = {0};
    int64_t half_ms = node->lease_us / 2000;
    size_t n = 0;

    poll(NULL, 0, half_ms < WATCH_MAX_MS ? (int)half_ms : WATCH_MAX_MS);
    if (store_probe_nodes(s->store_url, nodes, &n, &fault) != 0)
        return false;
    for (size_t i = 0; i < n; i++)
        if (nodes[i].id == node->id && nodes[i].beat != node->beat)
            return true;
    return false;
}

static int judge_name(const struct settings *s, const struct cluster_node_row *nodes, size_t n)
{
    char text[FAULT_TEXT_MAX];

    for (size_t i = n; i-- > 0;) {
        if (strcmp(nodes[i].name, s->cluster_node) != 0)
            continue;
        if (may_be_here(s) || !is_renewed(s, &nodes[i]))
            return 0;
        snprintf(text, sizeof(text),
                 "another node at the database is called %s: give this one a name of its own, [cluster] node",
                 s->cluster_node);
        return complain(text);
    }
    return 0;
}

static void warn_of_leases(const struct settings *s, const struct cluster_node_row *nodes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(nodes[i].name, s->cluster_node) != 0 && nodes[i].lease_us != s->cluster_lease_us)
            fprintf(stderr,
                    "tgcalld: warning: the node %s has a lease of %g s, and this one of %g s: give all nodes the same, "
                    "[cluster] lease\n",
                    nodes[i].name, (double)nodes[i].lease_us / SECOND_US, (double)s->cluster_lease_us / SECOND_US);
}

static int judge_nodes(const struct settings *s)
{
    struct cluster_node_row nodes[LIMIT_CLUSTER_NODES];
    struct fault fault = {0};
    size_t n = 0;
    int err = store_probe_nodes(s->store_url, nodes, &n, &fault);

    if (err)
        fprintf(stderr, "tgcalld: warning: which nodes share the database is not known: %s\n", fault.text);
    if (s->cluster_node) {
        warn_of_leases(s, nodes, n);
        return judge_name(s, nodes, n);
    }
    if (n)
        fprintf(
            stderr,
            "tgcalld: warning: %zu %s the database, and this daemon does not start while one of them is there: make "
            "it one, [cluster] node\n",
            n, n == 1 ? "node uses" : "nodes use");
    return 0;
}

/* --- all of it --- */

int check_database(const struct settings *s, const char **ret_told)
{
    struct fault fault = {0};
    struct server_facts server = {0};
    int version;

    *ret_told = "";
    if (!s->store_url)
        return 0;
    /* What a server has against the daemon is a mistake; that it is away now is none. */
    int err = store_probe(s->store_url, &server, &fault);
    if (err && err != TGC_EAWAY)
        return complain(fault.text[0] ? fault.text : tgc_err_text(err));
    if (err) {
        fprintf(stderr, "tgcalld: warning: %s\n", fault.text);
        return 0;
    }
    warn_of_server(s, &server);
    *ret_told = "; the database answers";
    /* The sandbox's keys come with it, and so does its state. */
    if (s->environment == SETTINGS_SANDBOX)
        return 0;
    int status = judge_store(s, &version), of_nodes = judge_nodes(s);
    if (version == 0)
        *ret_told = "; the database answers, and is empty: the first start makes the store in it";
    return status ? status : of_nodes;
}
