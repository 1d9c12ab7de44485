#include "daemon/store/cluster_sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/db_pg.h"
#include "daemon/store/heard.h"
#include "daemon/store/next_key.h"

#define TELL "pg_notify('tgcalld_lease', '')"
/* CLUSTER_LEAD */
#define LEAD "0"

/* One that was there and is gone may be in use. */
static const char lease_sql[] =
    "INSERT INTO tgcalld_lease (account_id, node, epoch) SELECT " LEAD ", 0, 0"
    " WHERE NOT (SELECT is_called FROM tgcalld_node_id) ON CONFLICT (account_id) DO NOTHING";

int cluster_sql_prepare(struct db *db, struct fault *fault)
{
    static const char tables[] =
        "SELECT pg_advisory_xact_lock(1952932708, 1);"
        " CREATE SEQUENCE IF NOT EXISTS tgcalld_node_id;"
        " CREATE TABLE IF NOT EXISTS tgcalld_node (id BIGINT PRIMARY KEY, name TEXT NOT NULL, url TEXT NOT NULL,"
        " lease_us BIGINT NOT NULL, until_us BIGINT NOT NULL, beat BIGINT NOT NULL, leaving BIGINT NOT NULL);"
        " CREATE TABLE IF NOT EXISTS tgcalld_lease (account_id BIGINT PRIMARY KEY, node BIGINT NOT NULL,"
        " epoch BIGINT NOT NULL); " DB_PG_WRITER "; " HEARD_TABLE "; " NEXT_KEY_TABLE;
    struct db_stmt *st;
    int err = db_exec(db, tables, fault);

    if (!err)
        err = db_exec(db, "LISTEN tgcalld_lease", fault);
    if (!err)
        err = db_prepare(db, lease_sql, &st, fault);
    return err ? err : db_run(st, fault);
}

int cluster_sql_put_back(struct db *db, int64_t id, int64_t epoch, struct fault *fault)
{
    static const char sql[] = "WITH w AS (INSERT INTO tgcalld_lease (account_id, node, epoch)"
                              " SELECT " LEAD ", id, $2 FROM tgcalld_node WHERE id = $1"
                              " ON CONFLICT (account_id) DO NOTHING RETURNING node) SELECT node, " TELL " FROM w";
    struct db_stmt *st;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, id);
    db_bind_int(st, 2, epoch);
    return db_run(st, fault);
}

/* A node that does not live: what is its own is free when it is buried, as any other that died. WHERE: a condition. */
#define NOBODY(where)                                                                                                  \
    "INSERT INTO tgcalld_node (id, name, url, lease_us, until_us, beat, leaving)"                                      \
    " SELECT nextval('tgcalld_node_id'), 'nobody', '', m, " PG_NOW_US " + m, 1, 1"                                     \
    " FROM (SELECT max(lease_us) FROM tgcalld_node) AS t (m) WHERE m IS NOT NULL AND " where " RETURNING id"

/* Of two who do this at once one finds the other's lease, or waits for it in vain: nothing of it is done twice. */
int cluster_sql_make_anew(struct db *db, struct fault *fault)
{
    static const char sql[] =
        "WITH n AS (" NOBODY("NOT EXISTS (SELECT 1 FROM tgcalld_lease WHERE account_id = " LEAD
                             ")") "),"
                                  " d AS (DELETE FROM tgcalld_node WHERE EXISTS (SELECT 1 FROM n)),"
                                  " g AS (DELETE FROM tgcalld_writer WHERE id > 0 AND EXISTS (SELECT 1 FROM n)),"
                                  " o AS (DELETE FROM tgcalld_lease WHERE EXISTS (SELECT 1 FROM n)),"
                                  " w AS (INSERT INTO tgcalld_lease (account_id, node, epoch) SELECT " LEAD
                                  ", id, " PG_NOW_US " FROM n"
                                  " RETURNING node) SELECT node, " TELL " FROM w";
    struct db_stmt *st;
    int err = db_prepare(db, sql, &st, fault);

    if (!err)
        err = db_run(st, fault);
    return err == TGC_EEXIST ? 0 : err;
}

int cluster_sql_complete(struct db *db, struct fault *fault)
{
    static const char missing[] =
        "SELECT count(*) FROM accounts AS a FULL JOIN tgcalld_lease AS l ON l.account_id = a.id"
        " WHERE (a.id IS NULL OR l.account_id IS NULL) AND coalesce(l.account_id, 1) <> " LEAD;
    static const char add[] =
        "WITH m AS (SELECT id FROM accounts AS a WHERE NOT EXISTS (SELECT 1 FROM tgcalld_lease WHERE account_id = "
        "a.id)),"
        " n AS (" NOBODY(
            "EXISTS (SELECT 1 FROM m)") "),"
                                        " w AS (INSERT INTO tgcalld_lease (account_id, node, epoch) SELECT m.id, "
                                        "n.id, " PG_NOW_US " FROM m, n"
                                        " ON CONFLICT (account_id) DO NOTHING RETURNING node) SELECT count(*), " TELL
                                        " FROM w";
    static const char drop[] = "WITH w AS (DELETE FROM tgcalld_lease AS l WHERE account_id <> " LEAD
                               " AND NOT EXISTS (SELECT 1 FROM accounts WHERE id = l.account_id) RETURNING node)"
                               " SELECT count(*), " TELL " FROM w";
    int64_t n = 0;
    int err = db_number(db, missing, &n, fault);

    if (!err && n)
        err = db_number(db, add, &n, fault);
    if (!err && n)
        err = db_number(db, drop, &n, fault);
    return err;
}

/* Of a version that knows more of them. */
static enum cluster_stage stage_of(int64_t n)
{
    return n == CLUSTER_READY || n == CLUSTER_COMES ? (enum cluster_stage)n : CLUSTER_LEAVES;
}

int cluster_sql_namesake(struct db *db, const char *name, struct cluster_node_row *ret, bool *ret_holds,
                         struct fault *fault)
{
    static const char sql[] = "SELECT id, lease_us, until_us, beat, leaving, (until_us > " PG_NOW_US ")::int"
                              " FROM tgcalld_node WHERE name = $1 AND beat > 0 ORDER BY id DESC LIMIT 1";
    struct db_stmt *st;
    bool row;
    int err = db_prepare(db, sql, &st, fault);

    *ret = (struct cluster_node_row){.id = 0};
    *ret_holds = false;
    if (err)
        return err;
    db_bind_text(st, 1, name);
    err = db_step(st, &row, fault);
    if (!err && row) {
        *ret = (struct cluster_node_row){.id = db_int(st, 0),
                                         .lease_us = db_int(st, 1),
                                         .until_us = db_int(st, 2),
                                         .beat = db_int(st, 3),
                                         .stage = stage_of(db_int(st, 4))};
        snprintf(ret->name, sizeof(ret->name), "%s", name);
        *ret_holds = db_int(st, 5) != 0;
    }
    db_reset(st);
    return err;
}

/* Of a statement that gives one row or none. REFUSED where it gives none. */
static int run_one(struct db_stmt *st, struct cluster_answer *ret, struct fault *fault)
{
    bool row = false;
    int err = db_step(st, &row, fault);

    if (!err)
        ret->result = row ? CLUSTER_DONE : CLUSTER_REFUSED;
    if (!err && row)
        ret->id = db_int(st, 0);
    db_reset(st);
    return err;
}

static int run_id(struct db *db, const char *sql, int64_t id, struct cluster_answer *ret, struct fault *fault)
{
    struct db_stmt *st;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, id);
    return run_one(st, ret, fault);
}

static int do_register(struct db *db, const struct cluster_statement *s, struct cluster_answer *ret,
                       struct fault *fault)
{
    static const char sweep[] = "DELETE FROM tgcalld_node WHERE beat = 0 AND until_us < " PG_NOW_US,
                      sweep_writers[] = "DELETE FROM tgcalld_writer AS w WHERE id > 0"
                                        " AND NOT EXISTS (SELECT 1 FROM tgcalld_node WHERE id = w.id)";
    static const char sql[] =
        "INSERT INTO tgcalld_node (id, name, url, lease_us, until_us, beat, leaving)"
        " SELECT nextval('tgcalld_node_id'), $1, $2, $3, " PG_NOW_US " + $3, 0, $5"
        " WHERE (SELECT count(*) FROM tgcalld_node WHERE until_us > " PG_NOW_US ") < $4 RETURNING id";
    struct db_stmt *st;
    int err = db_prepare(db, sweep, &st, fault);

    if (!err)
        err = db_run(st, fault);
    if (!err)
        err = db_prepare(db, sweep_writers, &st, fault);
    if (!err)
        err = db_run(st, fault);
    if (!err)
        err = db_prepare(db, sql, &st, fault);
    if (err)
        return err;
    db_bind_text(st, 1, s->name);
    db_bind_text(st, 2, s->url);
    db_bind_int(st, 3, s->lease_us);
    db_bind_int(st, 4, LIMIT_CLUSTER_NODES);
    db_bind_int(st, 5, CLUSTER_COMES);
    return run_one(st, ret, fault);
}

static int read_nodes(struct db *db, struct cluster_rows *rows, struct cluster_answer *ret, struct fault *fault)
{
    static const char sql[] = "SELECT id, name, lease_us, until_us, beat, leaving, " PG_NOW_US ", url"
                              " FROM tgcalld_node WHERE beat > 0 ORDER BY id LIMIT $1";
    struct db_stmt *st;
    bool more = true;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, LIMIT_CLUSTER_NODES);
    while (!err && more) {
        err = db_step(st, &more, fault);
        if (err || !more)
            break;
        struct cluster_node_row *n = &rows->nodes[ret->nodes_n];
        const char *name = db_text(st, 1), *url = db_text(st, 7);
        *n = (struct cluster_node_row){.id = db_int(st, 0),
                                       .lease_us = db_int(st, 2),
                                       .until_us = db_int(st, 3),
                                       .beat = db_int(st, 4),
                                       .stage = stage_of(db_int(st, 5))};
        snprintf(n->name, sizeof(n->name), "%s", name ? name : "");
        snprintf(rows->urls[ret->nodes_n++], sizeof(rows->urls[0]), "%s", url ? url : "");
        ret->now_us = db_int(st, 6);
    }
    db_reset(st);
    ret->nodes = rows->nodes;
    return err;
}

/* The clock is read after the renewal was written. */
static int renew(struct db *db, const struct cluster_statement *s, struct cluster_rows *rows,
                 struct cluster_answer *ret, struct fault *fault)
{
    static const char sql[] =
        "WITH o AS (SELECT leaving FROM tgcalld_node WHERE id = $1),"
        " w AS (UPDATE tgcalld_node SET until_us = " PG_NOW_US " + lease_us, beat = beat + 1, leaving = $2"
        " WHERE id = $1 RETURNING id, beat, leaving)"
        " SELECT w.id, CASE WHEN w.beat = 1 OR w.leaving <> o.leaving THEN " TELL " END FROM w, o";
    struct db_stmt *st;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, s->id);
    db_bind_int(st, 2, s->stage);
    err = run_one(st, ret, fault);
    if (!err && ret->result == CLUSTER_DONE)
        err = read_nodes(db, rows, ret, fault);
    return err;
}

/* $1: the id, $2: the beat, $3: the margin */
#define IS_DEAD "id = $1 AND beat = $2 AND (until_us + $3 < " PG_NOW_US " OR until_us > " PG_NOW_US " + lease_us + $3)"

static int run_bury(struct db *db, const char *sql, const struct cluster_statement *s, struct cluster_answer *ret,
                    struct fault *fault)
{
    struct db_stmt *st;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, s->id);
    db_bind_int(st, 2, s->beat);
    db_bind_int(st, 3, s->margin_us);
    return run_one(st, ret, fault);
}

/* The node's row goes first, and only then it is seen whether it had become a writer: who does locks that row. */
static int bury_it(struct db *db, const struct cluster_statement *s, struct cluster_answer *ret, struct fault *fault)
{
    static const char node[] =
        "WITH w AS (DELETE FROM tgcalld_node WHERE " IS_DEAD " RETURNING id) SELECT id, " TELL " FROM w";
    static const char writer[] = "DELETE FROM tgcalld_writer WHERE id = $1";
    struct db_stmt *st;
    int err = run_bury(db, node, s, ret, fault);

    if (err || ret->result != CLUSTER_DONE)
        return err;
    err = db_prepare(db, writer, &st, fault);
    if (err)
        return err;
    db_bind_int(st, 1, s->id);
    return db_run(st, fault);
}

/* A transaction that it left open, stopped in the midst of it, would be waited for. */
static int bury(struct db *db, const struct cluster_statement *s, struct cluster_answer *ret, struct fault *fault)
{
    static const char end[] =
        "SELECT count(pg_terminate_backend(l.pid)) " PG_NODE_BACKENDS("$1::BIGINT") " AND EXISTS (SELECT 1 FROM"
                                                                                    " tgcalld_node WHERE " IS_DEAD ")";
    int err = run_bury(db, end, s, ret, fault);

    if (!err)
        err = db_begin(db, fault);
    if (err)
        return err;
    err = bury_it(db, s, ret, fault);
    if (!err)
        err = db_commit(db, fault);
    if (err)
        db_rollback(db);
    return err;
}

/* Has SQL give the epoch, and who had it. */
static int claim_one(struct db *db, const char *sql, int64_t id, const struct cluster_claim *c,
                     struct cluster_claim *ret, struct fault *fault)
{
    struct db_stmt *st;
    bool row = false;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, id);
    db_bind_int(st, 2, c->account);
    db_bind_int(st, 3, c->epoch);
    err = db_step(st, &row, fault);
    *ret = (struct cluster_claim){c->account, !err && row ? db_int(st, 0) : -1, !err && row ? db_int(st, 1) : 0};
    db_reset(st);
    return err;
}

/* Each account for itself; they come in order, so no two nodes wait for each other. */
static int take(struct db *db, const struct cluster_statement *s, struct cluster_rows *rows, struct cluster_answer *ret,
                struct fault *fault)
{
    static const char sql[] =
        "WITH had AS (SELECT account_id, node FROM tgcalld_lease AS l WHERE account_id = $2 AND epoch = $3"
        " AND EXISTS (SELECT 1 FROM tgcalld_node WHERE id = $1)"
        " AND (node IN (0, $1) OR NOT EXISTS (SELECT 1 FROM tgcalld_node AS o WHERE o.id = l.node)) FOR UPDATE)"
        " UPDATE tgcalld_lease AS l SET node = $1, epoch = l.epoch + 1 FROM had WHERE l.account_id = had.account_id"
        " RETURNING l.epoch, had.node";
    int err = 0;

    for (size_t i = 0; !err && i < s->n; i++) {
        struct cluster_claim *taken = &rows->taken[ret->taken_n];
        err = claim_one(db, sql, s->id, &s->claims[i], taken, fault);
        ret->taken_n += !err && taken->epoch >= 0;
    }
    ret->taken = rows->taken;
    ret->result = CLUSTER_DONE;
    return err;
}

static int give(struct db *db, const struct cluster_statement *s, struct cluster_answer *ret, struct fault *fault)
{
    static const char sql[] = "WITH w AS (UPDATE tgcalld_lease SET node = 0 WHERE account_id = $2 AND epoch = $3"
                              " AND node = $1 RETURNING epoch) SELECT epoch, $1, " TELL " FROM w";
    int err = 0;

    for (size_t i = 0; !err && i < s->n; i++) {
        struct cluster_claim given;
        err = claim_one(db, sql, s->id, &s->claims[i], &given, fault);
    }
    ret->result = CLUSTER_DONE;
    return err;
}

static int add_lease(struct cluster_rows *rows, size_t n, const struct cluster_lease_row *row)
{
    if (n == rows->leases_cap) {
        size_t cap = n ? 2 * n : 64;
        struct cluster_lease_row *more = realloc(rows->leases, cap * sizeof(*more));
        if (!more)
            return TGC_ENOMEM;
        rows->leases = more;
        rows->leases_cap = cap;
    }
    rows->leases[n] = *row;
    return 0;
}

static int read_leases(struct db *db, struct cluster_rows *rows, struct cluster_answer *ret, struct fault *fault)
{
    static const char sql[] = "SELECT account_id, node, epoch FROM tgcalld_lease ORDER BY account_id";
    struct db_stmt *st;
    bool more = true;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    while (!err && more) {
        err = db_step(st, &more, fault);
        if (err || !more)
            break;
        const struct cluster_lease_row row = {db_int(st, 0), db_int(st, 1), db_int(st, 2)};
        if (add_lease(rows, ret->leases_n++, &row) != 0)
            err = fault_set(fault, TGC_ENOMEM, "out of memory");
    }
    db_reset(st);
    ret->leases = rows->leases;
    return err;
}

static int look(struct db *db, struct cluster_rows *rows, struct cluster_answer *ret, struct fault *fault)
{
    int err = db_exec(db, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", fault);

    if (!err)
        err = read_nodes(db, rows, ret, fault);
    if (!err)
        err = read_leases(db, rows, ret, fault);
    if (!err)
        err = db_exec(db, "COMMIT", fault);
    if (!err)
        ret->result = CLUSTER_DONE;
    return err;
}

static int run(struct db *db, const struct cluster_statement *s, struct cluster_rows *rows, struct cluster_answer *ret,
               struct fault *fault)
{
    /* What it has still it gives up: that tells it from one that died. */
    static const char leave[] =
        "WITH w AS (DELETE FROM tgcalld_node WHERE id = $1 RETURNING id),"
        " g AS (UPDATE tgcalld_lease SET node = 0 WHERE node = $1 AND EXISTS (SELECT 1 FROM w)),"
        " d AS (DELETE FROM tgcalld_writer WHERE id = $1 AND EXISTS (SELECT 1 FROM w)) SELECT id, " TELL " FROM w";

    switch (s->kind) {
    case CLUSTER_REGISTER:
        return do_register(db, s, ret, fault);
    case CLUSTER_RENEW:
        return renew(db, s, rows, ret, fault);
    case CLUSTER_BURY:
        return bury(db, s, ret, fault);
    case CLUSTER_TAKE:
        return take(db, s, rows, ret, fault);
    case CLUSTER_RELEASE:
        return give(db, s, ret, fault);
    case CLUSTER_LEAVE:
        return run_id(db, leave, s->id, ret, fault);
    case CLUSTER_LOOK:
        return look(db, rows, ret, fault);
    }
    return fault_set(fault, TGC_EINVAL, "no such statement");
}

int cluster_sql_run(struct db *db, const struct cluster_statement *statement, struct cluster_rows *rows,
                    struct cluster_answer *ret, struct fault *fault)
{
    *ret = (struct cluster_answer){.seq = statement->seq, .result = CLUSTER_UNKNOWN};
    int err = run(db, statement, rows, ret, fault);

    if (err)
        *ret = (struct cluster_answer){.seq = statement->seq, .result = CLUSTER_UNKNOWN};
    return err;
}
