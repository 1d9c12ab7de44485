#include "daemon/store/relay_sql.h"
#include "daemon/base/limits.h"
#include "daemon/store/db_pg.h"

#include <inttypes.h>
#include <stdio.h>

#define TELL_HOLDER "pg_notify('tgcalld_job', '')"
/* CLUSTER_SHARES */
#define SHARES "60"
#define IDS(n) "ANY (string_to_array($" #n ", ',')::BIGINT[])"
/* How a row waits, again too. */
#define WAITS "CASE WHEN node = 0 THEN 0 ELSE 5 END"
/* No node of that number is there. */
#define IS_GONE(column) "NOT EXISTS (SELECT 1 FROM tgcalld_node AS n WHERE n.id = " column ")"

_Static_assert(CLUSTER_SHARES == 60 && CLUSTER_SHARES + 1 < 64, "SHARES, and a bit for each lease but the sign");

/* Nothing of it has to be on the disk. And it is never analysed: the planner would take it for a small one. What it
 * then thinks a plan costs that has no index is beyond all: a sweep would be compiled for longer than a node has
 * patience (jit), under locks for which the next node to start waits. */
static const char table_sql[] =
    "SET synchronous_commit = off; SET enable_seqscan = off; SET jit = off; SELECT pg_advisory_xact_lock(1952932708, "
    "1);"
    " CREATE UNLOGGED TABLE IF NOT EXISTS tgcalld_job (id BIGINT PRIMARY KEY, asker BIGINT NOT NULL,"
    " account TEXT NOT NULL DEFAULT '', put_us BIGINT NOT NULL, until_us BIGINT NOT NULL, state SMALLINT NOT NULL,"
    " taker BIGINT NOT NULL, may_repeat SMALLINT NOT NULL, request BYTEA NOT NULL, answer BYTEA,"
    " lease SMALLINT NOT NULL DEFAULT 0, node BIGINT NOT NULL DEFAULT 0)"
    " WITH (vacuum_truncate = false, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);"
    " CREATE INDEX IF NOT EXISTS tgcalld_job_state ON tgcalld_job (state, asker);"
    /* A table of a version before is in use by its nodes, whose rows are the lead's: what has a default is added
     * without writing a row anew. It locks all out for a moment, and so is not said where it is not needed. */
    " DO $$ BEGIN IF (SELECT count(*) FROM pg_attribute WHERE attrelid = 'tgcalld_job'::regclass"
    " AND attname IN ('lease', 'node')) < 2 THEN ALTER TABLE tgcalld_job"
    " ADD COLUMN IF NOT EXISTS lease SMALLINT NOT NULL DEFAULT 0,"
    " ADD COLUMN IF NOT EXISTS node BIGINT NOT NULL DEFAULT 0; END IF; END $$";

/* --- running --- */

/* Bound already. */
static int each(struct db_stmt *st, void (*read)(struct db_stmt *st, struct relay_row *row), relay_row_fn *fn,
                void *ctx, struct fault *fault)
{
    bool more = true;
    int err = 0;

    while (!err && more) {
        err = db_step(st, &more, fault);
        if (err || !more)
            break;
        struct relay_row row = {.id = db_int(st, 0)};
        if (read)
            read(st, &row);
        fn(ctx, &row);
    }
    db_reset(st);
    return err;
}

static int run_on(struct db *db, const char *sql, int64_t a, int64_t b, struct fault *fault)
{
    struct db_stmt *st;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, a);
    db_bind_int(st, 2, b);
    return db_run(st, fault);
}

static int run_ids(struct db *db, const char *sql, int64_t node, const char *ids, struct fault *fault)
{
    struct db_stmt *st;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, node);
    db_bind_text(st, 2, ids);
    return db_run(st, fault);
}

static int each_of(struct db *db, const char *sql, int64_t node,
                   void (*read)(struct db_stmt *st, struct relay_row *row), relay_row_fn *fn, void *ctx,
                   struct fault *fault)
{
    struct db_stmt *st;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, node);
    return each(st, read, fn, ctx, fault);
}

/* --- the connection --- */

int relay_sql_mark(struct db *db, int64_t node, struct fault *fault)
{
    static const char sql[] = "INSERT INTO tgcalld_job (id, asker, put_us, until_us, state, taker, may_repeat, request)"
                              " VALUES (-$1, $1, " PG_NOW_US ", $2, 4, 0, 0, '') ON CONFLICT (id) DO NOTHING";

    return run_on(db, sql, node, INT64_MAX, fault);
}

static int listen_to(struct db *db, int64_t node, struct fault *fault)
{
    char sql[64];

    snprintf(sql, sizeof(sql), "LISTEN tgcalld_answer_%" PRId64, node);
    return db_exec(db, sql, fault);
}

int relay_sql_prepare(struct db *db, int64_t node, struct fault *fault)
{
    int err = db_exec(db, table_sql, fault);

    return err ? err : listen_to(db, node, fault);
}

int relay_sql_listen(struct db *db, bool is_on, struct fault *fault)
{
    return db_exec(db, is_on ? "LISTEN tgcalld_job" : "UNLISTEN tgcalld_job", fault);
}

int relay_sql_session(struct db *db, struct relay_session *ret, struct fault *fault)
{
    static const char sql[] = "SELECT pid::BIGINT, (extract(epoch FROM backend_start) * 1000000)::BIGINT"
                              " FROM pg_stat_activity WHERE pid = pg_backend_pid()";
    struct db_stmt *st;
    bool row = false;
    int err = db_prepare(db, sql, &st, fault);

    if (!err)
        err = db_step(st, &row, fault);
    if (!err && row)
        *ret = (struct relay_session){db_int(st, 0), db_int(st, 1)};
    db_reset(st);
    return err;
}

int relay_sql_end(struct db *db, const struct relay_session *session, struct fault *fault)
{
    static const char sql[] = "SELECT pg_terminate_backend(pid, 1000)::INT FROM pg_stat_activity WHERE pid = $1"
                              " AND (extract(epoch FROM backend_start) * 1000000)::BIGINT = $2";
    struct db_stmt *st;
    bool row = false;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, session->pid);
    db_bind_int(st, 2, session->since_us);
    err = db_step(st, &row, fault);
    if (!err && row && !db_int(st, 0))
        err = fault_set(fault, TGC_EAWAY, "the database server is not done with a connection that was lost");
    db_reset(st);
    return err;
}

int relay_sql_rename(struct db *db, int64_t from, int64_t to, struct fault *fault)
{
    static const char asked[] = "UPDATE tgcalld_job SET asker = $2 WHERE asker = $1 AND state <> 4";
    static const char taken[] = "UPDATE tgcalld_job SET taker = $2 WHERE taker = $1 AND state = 1";
    int err = db_begin(db, fault);

    if (!err)
        err = run_on(db, asked, from, to, fault);
    if (!err)
        err = run_on(db, taken, from, to, fault);
    if (!err)
        err = relay_sql_mark(db, to, fault);
    if (!err)
        err = db_commit(db, fault);
    if (err) {
        db_rollback(db);
        return err;
    }
    return listen_to(db, to, fault);
}

int relay_sql_leave(struct db *db, int64_t node, struct fault *fault)
{
    static const char sql[] = "DELETE FROM tgcalld_job WHERE id = $2 AND asker = $1";

    return run_on(db, sql, node, -node, fault);
}

/* --- in a transaction --- */

#define PUT(account_id)                                                                                                \
    "INSERT INTO tgcalld_job (id, asker, account, put_us, until_us, state, taker, may_repeat, request, lease, node)"   \
    " VALUES ($1, $2, $3::TEXT, " PG_NOW_US ", " PG_NOW_US " + $4, CASE WHEN $7::BIGINT = 0 THEN 0 ELSE 5 END, 0,"     \
    " $5::BIGINT, $6, coalesce((" account_id ") % " SHARES " + 1, 0), $7::BIGINT) ON CONFLICT (id) DO NOTHING"

/* A text for each, as one for all costs each row a third more. Of a call that several accounts know, and none of those
 * that count has created, none: what is to be said of that, the lead says. */
static const char *const put_sql[] = {
    [RELAY_ABOUT_NONE] = PUT("NULL::BIGINT"),
    [RELAY_ABOUT_ACCOUNT] = PUT("SELECT id FROM accounts WHERE name = $3::TEXT"),
    [RELAY_ABOUT_CALL] =
        PUT("SELECT coalesce(min(account_id) FILTER (WHERE created_here <> 0), CASE WHEN count(*) = 1 THEN"
            " min(account_id) END) FROM calls WHERE id = $8::BIGINT AND ($9::TEXT = '' OR account_id IN"
            " (SELECT id FROM accounts WHERE name = ANY (string_to_array($9::TEXT, ','))))"),
    [RELAY_ABOUT_SCHEDULE] = PUT("SELECT account_id FROM schedules WHERE name = $3::TEXT"),
    [RELAY_ABOUT_INTENT] = PUT("SELECT account_id FROM intents WHERE id = $8::BIGINT"),
};

int relay_sql_put(struct db *db, const struct relay_row *row, struct fault *fault)
{
    const struct relay_route *r = row->route;
    struct db_stmt *st;
    int err = db_prepare(db, put_sql[r->about], &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, row->id);
    db_bind_int(st, 2, row->asker);
    db_bind_text(st, 3, r->name ? r->name : "");
    db_bind_int(st, 4, row->left_us);
    db_bind_int(st, 5, row->may_repeat);
    db_bind_blob(st, 6, row->bytes, row->len);
    db_bind_int(st, 7, row->node);
    if (r->about == RELAY_ABOUT_CALL || r->about == RELAY_ABOUT_INTENT)
        db_bind_int(st, 8, r->id);
    if (r->about == RELAY_ABOUT_CALL)
        db_bind_text(st, 9, r->visible ? r->visible : "");
    return db_run(st, fault);
}

int relay_sql_tell_holder(struct db *db, struct fault *fault)
{
    static const char sql[] = "SELECT " TELL_HOLDER;
    struct db_stmt *st;
    int err = db_prepare(db, sql, &st, fault);

    return err ? err : db_run(st, fault);
}

int relay_sql_answer(struct db *db, const struct relay_row *row, struct fault *fault)
{
    static const char sql[] =
        "INSERT INTO tgcalld_job AS j (id, asker, put_us, until_us, state, taker, may_repeat, request, answer)"
        " VALUES ($1, $2, " PG_NOW_US ", " PG_NOW_US " + $3, $4::BIGINT, $5, 0, '', $6) ON CONFLICT (id) DO UPDATE"
        " SET state = excluded.state, request = '', answer = excluded.answer"
        " WHERE j.state IN (0, 5) OR (j.state = 1 AND j.taker = excluded.taker)";
    struct db_stmt *st;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, row->id);
    db_bind_int(st, 2, row->asker);
    db_bind_int(st, 3, row->left_us);
    db_bind_int(st, 4, row->state);
    db_bind_int(st, 5, row->taker);
    db_bind_blob(st, 6, row->bytes, row->len);
    return db_run(st, fault);
}

int relay_sql_tell_asker(struct db *db, int64_t asker, struct fault *fault)
{
    static const char sql[] = "SELECT pg_notify('tgcalld_answer_' || $1::BIGINT, '')";
    struct db_stmt *st;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, asker);
    return db_run(st, fault);
}

int relay_sql_give_back(struct db *db, int64_t node, const char *ids, struct fault *fault)
{
    static const char sql[] =
        "WITH w AS (UPDATE tgcalld_job SET state = " WAITS
        ", taker = 0 WHERE taker = $1 AND state = 1 AND id = " IDS(2) " RETURNING id) SELECT " TELL_HOLDER
                                                                      " FROM w LIMIT 1";

    return run_ids(db, sql, node, ids, fault);
}

int relay_sql_drop(struct db *db, int64_t node, const char *ids, struct fault *fault)
{
    static const char sql[] = "DELETE FROM tgcalld_job WHERE asker = $1 AND id = " IDS(2);

    return run_ids(db, sql, node, ids, fault);
}

/* --- outside of one --- */

static void read_taken(struct db_stmt *st, struct relay_row *row)
{
    row->asker = db_int(st, 1);
    row->left_us = db_int(st, 2);
    row->state = RELAY_TAKEN;
    row->bytes = db_blob(st, 3, &row->len);
    row->lease = db_int(st, 4);
    row->node = db_int(st, 5);
}

int relay_sql_take(struct db *db, int64_t node, uint64_t leases, size_t limit, relay_row_fn *fn, void *ctx,
                   struct fault *fault)
{
    static const char sql[] =
        "UPDATE tgcalld_job SET state = 1, taker = $1 WHERE id = ANY (ARRAY(SELECT id FROM tgcalld_job"
        " WHERE state IN (0, 5) AND id = ANY (ARRAY(SELECT id FROM (SELECT id, sum(len) OVER (ORDER BY put_us, id) - "
        "len AS before FROM"
        " (SELECT id, put_us, length(request)::BIGINT AS len FROM tgcalld_job WHERE state IN (0, 5) AND until_us "
        "> " PG_NOW_US " AND CASE WHEN state = 0 THEN ($4::BIGINT >> lease) & 1 = 1 ELSE node = $1 END ORDER BY "
        "put_us, id LIMIT $2) AS part) AS sums WHERE before < $3)) FOR "
        "UPDATE SKIP LOCKED))"
        " RETURNING id, asker, until_us - " PG_NOW_US ", request, lease::BIGINT, node";
    struct db_stmt *st;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, node);
    db_bind_int(st, 2, (int64_t)limit);
    db_bind_int(st, 3, RELAY_SQL_BYTES);
    db_bind_int(st, 4, (int64_t)leases);
    return each(st, read_taken, fn, ctx, fault);
}

static void read_answer(struct db_stmt *st, struct relay_row *row)
{
    row->state = (enum relay_state)db_int(st, 1);
    row->bytes = db_blob(st, 2, &row->len);
}

int relay_sql_fetch(struct db *db, int64_t node, size_t limit, relay_row_fn *fn, void *ctx, struct fault *fault)
{
    static const char sql[] =
        "SELECT id, state, answer FROM (SELECT id, state, answer, sum(len) OVER (ORDER BY id) - len AS before FROM"
        " (SELECT id, state::BIGINT AS state, answer, coalesce(length(answer), 0)::BIGINT AS len FROM tgcalld_job"
        " WHERE state IN (2, 3) AND asker = $1 LIMIT $2) AS part) AS sums WHERE before < $3";
    struct db_stmt *st;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, node);
    db_bind_int(st, 2, (int64_t)limit);
    db_bind_int(st, 3, RELAY_SQL_BYTES);
    return each(st, read_answer, fn, ctx, fault);
}

static void read_withdrawn(struct db_stmt *st, struct relay_row *row)
{
    read_answer(st, row);
    row->was_taken = db_int(st, 3) == 2;
}

int relay_sql_withdraw(struct db *db, int64_t node, const char *ids, relay_row_fn *fn, void *ctx, struct fault *fault)
{
    static const char sql[] = "DELETE FROM tgcalld_job WHERE asker = $1 AND id = " IDS(
        2) " RETURNING id, state::BIGINT, answer, may_repeat::BIGINT";
    struct db_stmt *st;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, node);
    db_bind_text(st, 2, ids);
    return each(st, read_withdrawn, fn, ctx, fault);
}

static void read_lost(struct db_stmt *st, struct relay_row *row)
{
    (void)st;
    row->state = RELAY_TAKEN;
}

static void read_waiting(struct db_stmt *st, struct relay_row *row)
{
    (void)st;
    row->state = RELAY_WAITING_FOR;
}

int relay_sql_mend(struct db *db, int64_t node, relay_row_fn *fn, void *ctx, struct fault *fault)
{
    static const char again[] =
        "WITH w AS (UPDATE tgcalld_job AS j SET state = 0, taker = 0, may_repeat = 2 WHERE state = 1"
        " AND asker = $1 AND may_repeat > 0 AND " IS_GONE("j.taker") " RETURNING j.id)"
                                                                     " SELECT " TELL_HOLDER " FROM w LIMIT 1";
    static const char lost[] = "DELETE FROM tgcalld_job AS j WHERE state = 1 AND asker = $1 AND may_repeat = 0"
                               " AND " IS_GONE("j.taker") " RETURNING j.id";
    /* One whose time is over may come back, but not as who has what it had. */
    static const char dead[] =
        "DELETE FROM tgcalld_job AS j WHERE state = 5 AND asker = $1 AND NOT EXISTS"
        " (SELECT 1 FROM tgcalld_node AS n WHERE n.id = j.node AND n.until_us > " PG_NOW_US ") RETURNING j.id";
    struct db_stmt *st;
    int err = db_prepare(db, again, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, node);
    err = db_run(st, fault);
    if (!err)
        err = each_of(db, lost, node, read_lost, fn, ctx, fault);
    return err ? err : each_of(db, dead, node, read_waiting, fn, ctx, fault);
}

static void read_state(struct db_stmt *st, struct relay_row *row)
{
    row->state = (enum relay_state)db_int(st, 1);
}

int relay_sql_look(struct db *db, int64_t node, relay_row_fn *fn, void *ctx, struct fault *fault)
{
    static const char sql[] = "SELECT id, state::BIGINT FROM tgcalld_job WHERE asker = $1";

    return each_of(db, sql, node, read_state, fn, ctx, fault);
}

int relay_sql_forget(struct db *db, int64_t node, const char *ids, struct fault *fault)
{
    static const char sql[] = "UPDATE tgcalld_job SET state = " WAITS ", taker = 0 WHERE taker = $1 AND state = 1"
                              " AND NOT id = " IDS(2);

    return run_ids(db, sql, node, ids, fault);
}

int relay_sql_sweep(struct db *db, int64_t lease_us, struct fault *fault)
{
    static const char sql[] = "DELETE FROM tgcalld_job AS j WHERE (state <> 4 AND until_us < " PG_NOW_US " - $2)"
                              " OR (put_us < " PG_NOW_US " - $1 AND " IS_GONE("j.asker") ")";

    return run_on(db, sql, lease_us, 60 * SECOND_US, fault);
}

/* By itself the server would do it once a minute: at thousands of requests a second the table is 100 MB by then. */
int relay_sql_vacuum(struct db *db, struct fault *fault)
{
    return db_exec(db, "VACUUM tgcalld_job", fault);
}
