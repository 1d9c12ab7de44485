#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/db_pg.h"

/* Who has it has the database to itself, as long as its connection lives. The second number: several schemas of one
 * database are several stores. */
#define LOCK_CLASS "1952932708"
#define LOCK LOCK_CLASS ", hashtext(current_schema())"

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

static int set_up(struct pg *pg, struct fault *fault)
{
    if (PQsetnonblocking(pg->conn, 1) != 0 || !PQenterPipelineMode(pg->conn))
        return pg_away(pg, pg_words(PQerrorMessage(pg->conn)), fault);
    pg->backend = PQbackendPID(pg->conn);
    return pg_simple(pg,
                     "SET synchronous_commit = on; SET idle_in_transaction_session_timeout = '20s';"
                     " SET lock_timeout = '5s'; SET client_connection_check_interval = '1s';"
                     " SET client_min_messages = warning",
                     pg->answer_us, fault);
}

/* A server that did not notice yet that our last connection ended holds its lock still, and maybe its transaction.
 * Nobody else's is ended, but another node's by the one that has the lease: a daemon without a lease has its accounts,
 * whatever the nodes agree on. */
static int end_last(struct pg *pg, int last, bool *ret_is_ours, struct fault *fault)
{
    static const char holder[] = "SELECT CASE WHEN a.application_name = '" PG_NODE_NAME "' THEN -l.pid ELSE l.pid END"
                                 " FROM pg_locks AS l LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid"
                                 " WHERE l.locktype = 'advisory' AND l.granted AND l.classid = " LOCK_CLASS
                                 " AND l.objid = (hashtext(current_schema())::bigint & 4294967295)::oid"
                                 " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    char sql[64];
    int64_t found = 0, ended;
    int err = pg_number(pg, holder, &found, fault);
    int64_t pid = found < 0 ? -found : found;

    bool may_end = pid && ((pg->takes_over && found < 0) || pid == last);
    *ret_is_ours = !pid || may_end;
    if (err || !may_end)
        return err;
    snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d)", (int)pid);
    return pg_number(pg, sql, &ended, fault);
}

static int lock(struct pg *pg, int last, int64_t until_us, struct fault *fault)
{
    int64_t is_locked = 0;
    bool is_ours = true;
    int err = pg_number(pg, "SELECT pg_try_advisory_lock(" LOCK ")", &is_locked, fault);

    while (!err && !is_locked) {
        err = end_last(pg, last, &is_ours, fault);
        /* Of a process that was killed the server may be at work still. */
        if (!err && !is_ours && (last || pg_is_over(pg, until_us)))
            err = fault_set(fault, TGC_EBUSY, "another daemon uses the database: stop that one first");
        else if (!err && is_ours && pg_is_over(pg, until_us))
            err = pg_away(pg, "it holds the lock of a connection that ended", fault);
        if (!err && poll(NULL, 0, 50) == 0)
            err = pg_number(pg, "SELECT pg_try_advisory_lock(" LOCK ")", &is_locked, fault);
    }
    return err;
}

/* Of who is no node. */
static int check_nodes(struct pg *pg, struct fault *fault)
{
    int64_t n = 0;
    int err = pg_number(pg, "SELECT (to_regclass('tgcalld_node') IS NOT NULL)::int", &n, fault);

    if (!err && n)
        err = pg_number(pg,
                        "SELECT count(*) FROM tgcalld_node WHERE beat > 0"
                        " AND until_us > (extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
                        &n, fault);
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
    if (!err && !pg->is_shared && !pg->is_node)
        err = check_nodes(pg, fault);
    /* Who comes back later finds the database its own, or another's. */
    pg->takes_over = pg->takes_over && err;
    if (err) {
        pg_disconnect(pg);
        pg->backend = last;
    }
    return err;
}
