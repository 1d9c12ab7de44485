#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/store/db_pg.h"

/* Who has it has the database to itself, as long as its connection lives. The second number: several schemas of one
 * database are several stores. */
#define LOCK_CLASS "1952932708"
#define LOCK LOCK_CLASS ", hashtext(current_schema())"

/* By which a node's connection is known to the others. */
#define NODE_NAME "tgcalld node"

enum { VERSION_LEAST = 140000 };

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
    pg->owed = 0;
    pg->batch++;
    for (size_t i = 0; i < pg->kept_n; i++)
        pg->kept[i].name = 0;
}

static void on_notice(void *ctx, const PGresult *result)
{
    (void)ctx;
    log_debug("store", "the database says: %s", pg_words(PQresultErrorMessage(result)));
}

/* The name is looked up first, by this thread. */
static int dial(struct pg *pg, int64_t until_us, struct fault *fault)
{
    /* What the URL says itself counts more than what it follows, and less than what follows it. */
    const char *const names[] = {"application_name",
                                 "client_encoding",
                                 "keepalives_idle",
                                 "tcp_user_timeout",
                                 "dbname",
                                 pg->is_node ? "application_name" : NULL,
                                 NULL};
    const char *const values[] = {"tgcalld", "UTF8", "10", "10000", pg->url, NODE_NAME, NULL};
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;

    pg->conn = PQconnectStartParams(names, values, 1);
    if (!pg->conn)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    if (PQstatus(pg->conn) == CONNECTION_BAD)
        return pg_fault_of_connection(pg->conn, fault);
    while (status != PGRES_POLLING_OK) {
        struct pollfd at = {.fd = PQsocket(pg->conn), .events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT};
        int64_t left_us = until_us - clock_mono_us(pg->clock);
        int n = poll(&at, 1, left_us > 0 ? (int)(left_us / 1000) + 1 : 0);
        if (n < 0 && errno != EINTR)
            return fault_set(fault, TGC_ESYSTEM, "cannot wait for the database server: %s", strerror(errno));
        if (n == 0 && left_us <= 0)
            return fault_set(fault, TGC_EAWAY, "the database server does not answer: no connection in time");
        if (n <= 0)
            continue;
        status = PQconnectPoll(pg->conn);
        if (status == PGRES_POLLING_FAILED)
            return pg_fault_of_connection(pg->conn, fault);
    }
    return 0;
}

static bool says(const struct pg *pg, const char *parameter, const char *value)
{
    const char *is = PQparameterStatus(pg->conn, parameter);

    return is && strcmp(is, value) == 0;
}

static int check_server(const struct pg *pg, struct fault *fault)
{
    if (PQserverVersion(pg->conn) < VERSION_LEAST)
        return fault_set(fault, TGC_EINVAL, "the database server is PostgreSQL %d: it has to be 14 or newer",
                         PQserverVersion(pg->conn) / 10000);
    if (!says(pg, "server_encoding", "UTF8"))
        return fault_set(fault, TGC_EINVAL, "the database is not of the encoding UTF8: make one with createdb -E UTF8");
    if (says(pg, "in_hot_standby", "on"))
        return fault_set(fault, TGC_EREADONLY, "the database server is a standby: name the primary one");
    return 0;
}

static int set_up(struct pg *pg, struct fault *fault)
{
    PQsetNoticeReceiver(pg->conn, on_notice, NULL);
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
    static const char holder[] = "SELECT CASE WHEN a.application_name = '" NODE_NAME "' THEN -l.pid ELSE l.pid END"
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
        if (!err && !is_ours && (last || clock_mono_us(pg->clock) > until_us))
            err = fault_set(fault, TGC_EBUSY, "another daemon uses the database: stop that one first");
        else if (!err && is_ours && clock_mono_us(pg->clock) > until_us)
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
    int err = dial(pg, until_us, fault);
    if (!err)
        err = check_server(pg, fault);
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
