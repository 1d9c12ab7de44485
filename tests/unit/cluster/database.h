/* The database as statement.h says it is: each statement at once and alone, on a clock of its own; but for a take,
 * which in READ COMMITTED may find the nodes of a while ago beside leases of now. */
#ifndef TGCALLD_TESTS_CLUSTER_DATABASE_H
#define TGCALLD_TESTS_CLUSTER_DATABASE_H

#include "daemon/cluster/statement.h"

enum { DATABASE_NODES = 1024 };

struct database_nodes {
    size_t n;
    int64_t ids[];
};

struct database {
    int64_t now_us; /* its clock: set by who runs a statement */
    int64_t last_id;
    struct cluster_node_row nodes[DATABASE_NODES];
    size_t nodes_n;
    struct cluster_lease_row *leases; /* the caller's, by account */
    size_t leases_n;
    const struct database_nodes *seen; /* the caller's: those that a take finds; NULL: as they are */
};

/* With storage of its own for what it points to. */
struct database_answer {
    struct cluster_answer answer;
    struct cluster_node_row *nodes;
    struct cluster_lease_row *leases;
    struct cluster_claim *taken;
    bool notifies;
};

/* Freed by database_answer_free(). */
struct database_answer *database_run(struct database *d, const struct cluster_statement *s);
/* Who is there now, for SEEN. Freed by free(). */
struct database_nodes *database_nodes(const struct database *d);
void database_answer_free(struct database_answer *a);

/* A durable write of an account, by a node that says it holds it: whether it is accepted. */
bool database_write(const struct database *d, int64_t account, int64_t epoch, int64_t id);
/* NULL: none of that id. */
struct cluster_node_row *database_node(const struct database *d, int64_t id);
struct cluster_lease_row *database_lease(const struct database *d, int64_t account);

#endif
