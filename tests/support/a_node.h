/* Nodes at a test's database, as they are where nobody watches over them. */
#ifndef TGCALLD_TESTS_A_NODE_H
#define TGCALLD_TESTS_A_NODE_H

#include <inttypes.h>
#include <stdio.h>

#include "daemon/store/cluster_sql.h"
#include "daemon/store/db.h"
#include "tests/support/unit.h"

/* The node has a row, with a lease that is over: it can be buried, and keeps no daemon that is none from the database.
 */
static inline void a_node(const char *url, int64_t id)
{
    const struct db_server server = {.url = url, .clock = &clock_system, .is_shared = true};
    struct fault fault = {0};
    struct db *db = NULL;
    char sql[256];

    snprintf(sql, sizeof(sql),
             "INSERT INTO tgcalld_node (id, name, url, lease_us, until_us, beat, leaving)"
             " VALUES (%" PRId64 ", 'n%" PRId64 "', '', 1000000, 0, 1, 0)",
             id, id);
    ck_assert_msg(db_open_server(&server, &db, &fault) == 0, "%s", fault.text);
    ck_assert_msg(cluster_sql_prepare(db, &fault) == 0, "%s", fault.text);
    ck_assert_msg(db_exec(db, sql, &fault) == 0, "%s", fault.text);
    db_close(db);
}

/* Another one buries it; whether it was there. */
static inline bool a_node_is_buried(const char *url, int64_t id)
{
    const struct db_server server = {.url = url, .clock = &clock_system, .is_shared = true};
    const struct cluster_statement s = {.kind = CLUSTER_BURY, .seq = 1, .id = id, .beat = 1};
    struct cluster_rows rows = {0};
    struct cluster_answer answer;
    struct fault fault = {0};
    struct db *db = NULL;

    ck_assert_msg(db_open_server(&server, &db, &fault) == 0, "%s", fault.text);
    ck_assert_msg(cluster_sql_run(db, &s, &rows, &answer, &fault) == 0, "%s", fault.text);
    db_close(db);
    return answer.result == CLUSTER_DONE;
}

#endif
