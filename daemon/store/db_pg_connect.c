#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/db_pg.h"

/* A daemon alone has it for itself, so that neither another one nor a node uses the database beside it. */
#define LOCK PG_LOCK_CLASS ", hashtext(current_schema())"
static const char lock_sql[] = "SELECT pg_try_advisory_lock(" LOCK ")",
                  share_sql[] = "SELECT pg_try_advisory_lock_shared(" LOCK ")";

int pg_away(struct pg *pg, const char *what, struct fault *fault)
{
    fault_set(fault, TGC_EAWAY, "the database server does not answer: %s", what);
    pg_disconnect(pg);
    return TGC_EAWAY;
}

void pg_disconnect(struct pg *pg)
{
    PQfinish(pg->conn);
    pg->conn = NULL;
    pg->owed = pg->sent = 0;
    pg->batch++;
    for (size_t i = 0; i < pg->kept_n; i++)
        pg->kept[i].name = 0;
}

/* Who is stopped in the midst of a transaction is not waited for: what it wrote comes to nothing, and is done again. A
 * node holds up others, which wait for a lock less long than a request takes, and is given up before they give up. */
#define GIVEN_UP "SET idle_in_transaction_session_timeout = '20s'; "
#define NODE_GIVEN_UP "SET idle_in_transaction_session_timeout = '3s'; "
#define SESSION                                                                                                        \
    "SET synchronous_commit = on; SET lock_timeout = '5s'; SET client_connection_check_interval = '1s';"               \
    " SET client_min_messages = warning"

static int set_up(struct pg *pg, struct fault *fault)
{
    if (PQsetnonblocking(pg->conn, 1) != 0 || !PQenterPipelineMode(pg->conn))
        return pg_away(pg, pg_words(PQerrorMessage(pg->conn)), fault);
    pg->backend = PQbackendPID(pg->conn);
    return pg_simple(pg, pg->node ? NODE_GIVEN_UP SESSION : GIVEN_UP SESSION, pg->answer_us, fault);
}

/* A server that did not notice yet that our last connection ended holds its lock still, and maybe its transaction.
 * Nobody else's is ended. */
static int end_last(struct pg *pg, int last, bool *ret_is_ours, struct fault *fault)
{
    char sql[512];
    int64_t pid = 0, ended;

    snprintf(sql, sizeof(sql),
             "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = " PG_LOCK_CLASS
             " AND objid = (hashtext(current_schema())::bigint & 4294967295)::oid"
             " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
             " ORDER BY (pid = %d) DESC LIMIT 1",
             last);
    int err = pg_number(pg, sql, &pid, fault);

    *ret_is_ours = !pid || pid == last;
    if (err || !pid || pid != last)
        return err;
    snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d)", (int)pid);
    return pg_number(pg, sql, &ended, fault);
}

static int lock(struct pg *pg, int last, int64_t until_us, struct fault *fault)
{
    const char *sql = pg->node ? share_sql : lock_sql;
    int64_t is_locked = 0;
    bool is_ours = true;
    int err = pg_number(pg, sql, &is_locked, fault);

    while (!err && !is_locked) {
        err = end_last(pg, last, &is_ours, fault);
        /* Of a process that was killed the server may be at work still. */
        if (!err && !is_ours && (last || pg_is_over(pg, until_us)))
            err = fault_set(fault, TGC_EBUSY, "another daemon uses the database: stop that one first");
        else if (!err && is_ours && pg_is_over(pg, until_us))
            err = pg_away(pg, "it holds the lock of a connection that ended", fault);
        if (!err && poll(NULL, 0, 50) == 0)
            err = pg_number(pg, sql, &is_locked, fault);
    }
    return err;
}

/* What another connection of this node began would hold up its next transaction. */
static int end_own(struct pg *pg, struct fault *fault)
{
    char sql[1024];
    int64_t n;

    snprintf(sql, sizeof(sql),
             "SELECT count(pg_terminate_backend(l.pid)) " PG_NODE_BACKENDS("'%" PRId64 "'") " AND l.pid <> "
                                                                                            "pg_backend_pid()",
             pg->node);
    return pg_number(pg, sql, &n, fault);
}

/* Of who is no node. Those that lapsed and were buried by nobody, as they were the last, are buried here: one that went
 * on would renew its lease. */
static int check_nodes(struct pg *pg, struct fault *fault)
{
    int64_t n = 0;
    int err = pg_number(pg, "SELECT (to_regclass('tgcalld_node') IS NOT NULL)::int", &n, fault);

    if (!err && n)
        err = pg_simple(pg, "DELETE FROM tgcalld_node WHERE until_us <= " PG_NOW_US, pg->answer_us, fault);
    if (!err && n)
        err = pg_number(pg, "SELECT count(*) FROM tgcalld_node WHERE beat > 0 AND until_us > " PG_NOW_US, &n, fault);
    if (!err && n)
        err = fault_set(fault, TGC_EBUSY, "nodes of a cluster use the database: make this daemon one, [cluster] node");
    return err;
}

int pg_connect(struct pg *pg, struct fault *fault)
{
    int64_t until_us = clock_mono_us(pg->clock) + pg->connect_us;
    int last = pg->backend;

    pg_disconnect(pg);
    int err = pg_dial(pg, until_us, fault);
    if (!err)
        err = set_up(pg, fault);
    if (!err && !pg->is_shared)
        err = lock(pg, last, until_us, fault);
    if (!err && !pg->is_shared)
        err = pg->node ? end_own(pg, fault) : check_nodes(pg, fault);
    if (err) {
        pg_disconnect(pg);
        pg->backend = last;
    }
    return err;
}
