/* The statements of a node's machine (cluster/statement.h) as SQL, and their answers as values. PostgreSQL's alone. */
#ifndef TGCALLD_STORE_CLUSTER_SQL_H
#define TGCALLD_STORE_CLUSTER_SQL_H

#include "daemon/cluster/statement.h"
#include "daemon/store/db.h"

/* What an answer points to. */
enum { CLUSTER_URL_SIZE = 256 };
struct cluster_rows {
    struct cluster_node_row nodes[LIMIT_CLUSTER_NODES];
    char urls[LIMIT_CLUSTER_NODES][CLUSTER_URL_SIZE]; /* beside them */
    struct cluster_lease_row *leases;                 /* grows; for free() */
    size_t leases_cap;
    struct cluster_claim taken[LIMIT_CLUSTER_BATCH];
};

/* The tables, where they are not there, with the lead's lease where there never was a node; and what is told of changes
 * is heard from now on. */
int cluster_sql_prepare(struct db *db, struct fault *fault) TGC_MUST;
/* Somebody removed the lead's lease from the table. Node ID, which leads and lives, puts it back as it was. */
int cluster_sql_put_back(struct db *db, int64_t id, int64_t epoch, struct fault *fault) TGC_MUST;
/* Nobody put it back: any of the nodes may have it still. So all of them begin anew, with no account, and the lease is
 * that of a node that does not live, and is buried as any other that died: when all that was sent under the lease
 * before is over. */
int cluster_sql_make_anew(struct db *db, struct fault *fault) TGC_MUST;
/* The store's tables are there: each account of it has a lease from now on, and no other. One that had none may be in
 * use all the same, by a node that did not hear yet that it is gone: so it is a node's that does not live, as above. */
int cluster_sql_complete(struct db *db, struct fault *fault) TGC_MUST;

/* The newest node that is called NAME, id 0 where there is none. *RET_HOLDS: its lease does, by the database's clock.
 */
int cluster_sql_namesake(struct db *db, const char *name, struct cluster_node_row *ret, bool *ret_holds,
                         struct fault *fault) TGC_MUST;
/* Runs it. RET is its answer whatever happens; the error of a CLUSTER_UNKNOWN is returned, with why. */
int cluster_sql_run(struct db *db, const struct cluster_statement *statement, struct cluster_rows *rows,
                    struct cluster_answer *ret, struct fault *fault) TGC_MUST;

#endif
