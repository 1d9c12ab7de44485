/* A transaction that was sent and not answered may have been written. So each one says which it is in the writer's row
 * of tgcalld_writer, which the next connection reads: each node of a cluster has one of its id, a daemon alone has 0.
 * That row is the fence too: each connection raises its epoch, and a transaction of before, of another daemon or of a
 * connection whose end the server has not noticed, fails; a node that was buried has no row any more. HOLDER is the
 * epoch with which the row was taken: it tells whether another daemon did since. A node whose epoch another one raised
 * comes back as after a connection's end: so what it began with a seal key that was changed is done again. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/db_pg.h"

/* A row that is gone is no one's to write under either. */
static const char fence_sql[] = "WITH w AS (UPDATE tgcalld_writer SET serial = $2 WHERE id = $3 AND epoch = $1"
                                " RETURNING id) SELECT 1 / count(*) FROM w";

static void close_server(struct db *db)
{
    struct pg *pg = pg_of(db);

    for (size_t i = 0; i < pg->kept_n; i++)
        pg_reset(&pg->kept[i].stmt);
    pg_disconnect(pg);
    explicit_bzero(pg->url, strlen(pg->url));
    free(pg->url);
    free(pg);
}

static const struct db_calls calls;

static int check_url(const char *url, struct fault *fault)
{
    char *why = NULL;
    PQconninfoOption *options = PQconninfoParse(url, &why);
    bool is_uri = strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0;

    bool is_read = options, is_memory = !options && !why;

    pg_options_free(options);
    if (why)
        explicit_bzero(why, strlen(why));
    PQfreemem(why);
    if (is_memory)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    /* libpq's own words may have the password in them. */
    if (!is_read && is_uri)
        return fault_set(fault, TGC_EINVAL, "a parameter of the database's URL is none that libpq knows");
    if (!is_uri)
        return fault_set(fault, TGC_EINVAL,
                         "the database's URL is none: it has to be postgresql://USER@HOST/NAME, or "
                         "postgresql:///NAME?host=/var/run/postgresql for a Unix socket");
    return 0;
}

int db_open_server(const struct db_server *server, struct db **ret, struct fault *fault)
{
    int err = check_url(server->url, fault);

    if (err)
        return err;
    struct pg *pg = calloc(1, sizeof(*pg));
    if (!pg || !(pg->url = strdup(server->url))) {
        free(pg);
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    }
    pg->db.calls = &calls;
    pg->clock = server->clock;
    pg->answer_us = server->patience_us ? server->patience_us : PG_ANSWER_US;
    pg->connect_us = server->patience_us ? server->patience_us : PG_CONNECT_US;
    pg->is_shared = server->is_shared;
    pg->node = server->node;
    err = pg_connect(pg, fault);
    if (err) {
        close_server(&pg->db);
        return err;
    }
    *ret = &pg->db;
    return 0;
}

static int exec(struct db *db, const char *sql, struct fault *fault)
{
    return pg_simple(pg_of(db), sql, pg_of(db)->is_shared ? pg_of(db)->answer_us : PG_EXEC_US, fault);
}

static int number(struct db *db, const char *sql, int64_t *ret, struct fault *fault)
{
    return pg_number(pg_of(db), sql, ret, fault);
}

/* --- the fence --- */

/* Where there is none the last one may have been removed: a number that none of its holders has. */
#define TAKE(id, from)                                                                                                 \
    "INSERT INTO tgcalld_writer AS w (id, holder, epoch, serial)"                                                      \
    " SELECT " id ", n, n, 0 FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT)"                  \
    " AS t (n)" from " ON CONFLICT (id) DO UPDATE SET holder = w.epoch + 1, epoch = w.epoch + 1"                       \
    " RETURNING epoch, serial"

/* Those who wrote it before are no writers any more, or they would go on when they come back. Once the number of who is
 * alone was 1. */
static const char take_alone_sql[] = "WITH d AS (DELETE FROM tgcalld_writer WHERE id <> 0) " TAKE("0", "");
/* Its row in tgcalld_node stays until then, and who buries it afterwards finds this one. */
static const char take_node_sql[] =
    "WITH d AS (DELETE FROM tgcalld_writer WHERE id = 0),"
    " o AS (SELECT id FROM tgcalld_node WHERE id = %" PRId64 " FOR KEY SHARE) " TAKE("o.id", ", o");

static int claim(struct db *db, struct fault *fault)
{
    char sql[768];
    struct pg *pg = pg_of(db);
    PGresult *r = NULL;
    int err = exec(db, DB_PG_WRITER, fault);

    snprintf(sql, sizeof(sql), take_node_sql, pg->node);
    if (!err)
        err = pg_send(pg, pg->node ? sql : take_alone_sql, fault);
    if (!err)
        err = pg_finish(pg, pg->answer_us, &r, fault);
    if (!err && PQntuples(r) == 0)
        err = fault_set(fault, TGC_EBUSY, "the other nodes took this one for dead");
    if (!err) {
        pg->holder = pg->epoch = pg_int(r, 0, 0);
        pg->serial = pg_int(r, 0, 1);
        pg->is_claimed = true;
    }
    PQclear(r);
    return err;
}

/* The row's lock waits for what a connection of before may still do. */
static int take_again(struct pg *pg, bool *ret_committed, struct fault *fault)
{
    char sql[192];
    PGresult *r = NULL;

    snprintf(sql, sizeof(sql),
             "UPDATE tgcalld_writer SET epoch = epoch + 1 WHERE id = %" PRId64 " AND holder = %" PRId64
             " RETURNING epoch, serial",
             pg->node, pg->holder);
    int err = pg_send(pg, sql, fault);
    if (!err)
        err = pg_finish(pg, pg->answer_us, &r, fault);
    if (!err && PQntuples(r) == 0)
        err = fault_set(fault, TGC_EBUSY, "%s",
                        pg->node ? "the other nodes took this one for dead, and what it had"
                                 : "another daemon took the database while it did not answer, or somebody"
                                   " removed the row of tgcalld_writer");
    if (!err) {
        int64_t serial = pg_int(r, 0, 1);
        *ret_committed = pg->is_unsure && serial == pg->serial + 1;
        pg->serial = serial;
        pg->epoch = pg_int(r, 0, 0);
        pg->is_unsure = false;
    }
    PQclear(r);
    return err;
}

static int recover(struct db *db, bool *ret_committed, struct fault *fault)
{
    struct pg *pg = pg_of(db);

    *ret_committed = false;
    int err = pg_connect(pg, fault);
    if (!err && pg->is_claimed)
        err = take_again(pg, ret_committed, fault);
    /* Who refuses now may have been told otherwise by then. */
    if (err && err != TGC_EBUSY && err != TGC_ENOMEM)
        err = TGC_EAWAY;
    if (err)
        pg_disconnect(pg);
    return err;
}

static bool is_unsure(const struct db *db)
{
    return ((const struct pg *)db)->is_unsure;
}

static void stop_by(struct db *db, const _Atomic int64_t *stop_us)
{
    pg_of(db)->stop_us = stop_us;
}

static int look(struct db *db, struct fault *fault)
{
    return pg_finish(pg_of(db), pg_of(db)->answer_us, NULL, fault);
}

/* --- transactions --- */

static int begin(struct db *db, struct fault *fault)
{
    struct pg *pg = pg_of(db);
    struct db_stmt *fence;
    int err = pg_send(pg, "BEGIN", fault);

    if (err)
        return err;
    pg->has_begun = true;
    if (!pg->is_claimed)
        return 0;
    err = pg_prepare(db, fence_sql, &fence, fault);
    if (err)
        return err;
    pg_bind_int(fence, 1, pg->epoch);
    pg_bind_int(fence, 2, pg->serial + 1);
    pg_bind_int(fence, 3, pg->node);
    return pg_run(fence, fault);
}

static int commit(struct db *db, struct fault *fault)
{
    struct pg *pg = pg_of(db);
    PGresult *r = NULL;
    int err = pg_send(pg, "COMMIT", fault);

    if (!err) {
        pg->is_unsure = pg->is_claimed;
        err = pg_finish(pg, pg->answer_us, &r, fault);
    }
    /* Of a transaction that failed before, it is a rollback, and well done. */
    if (!err && strcmp(PQcmdStatus(r), "COMMIT") != 0)
        err = fault_set(fault, TGC_ESYSTEM, "the database rolled back what it was to commit");
    PQclear(r);
    if (err != TGC_EAWAY || pg->conn)
        pg->is_unsure = false;
    if (err)
        return err;
    pg->has_begun = false;
    pg->serial += pg->is_claimed;
    return 0;
}

static void rollback(struct db *db)
{
    struct pg *pg = pg_of(db);
    struct fault fault;

    if (pg->has_begun && pg->conn && pg_send(pg, "ROLLBACK", &fault) == 0) {
        /* What is owed may have failed, and then the server passes over what follows it in the batch. */
        if (pg_finish(pg, pg->answer_us, NULL, &fault) != 0 && pg->conn && pg_send(pg, "ROLLBACK", &fault) == 0 &&
            pg_finish(pg, pg->answer_us, NULL, &fault) != 0)
            pg_disconnect(pg);
    }
    pg->has_begun = false;
}

static int copy(struct db *db, const char *path, const char *mark, struct fault *fault)
{
    (void)db, (void)path, (void)mark;
    return fault_set(fault, TGC_ESTATE, "the store is a PostgreSQL database: make its backup with pg_dump");
}

static const struct db_calls calls = {.engine = DB_POSTGRESQL,
                                      .close = close_server,
                                      .claim = claim,
                                      .recover = recover,
                                      .is_unsure = is_unsure,
                                      .look = look,
                                      .stop_by = stop_by,
                                      .exec = exec,
                                      .number = number,
                                      .begin = begin,
                                      .commit = commit,
                                      .rollback = rollback,
                                      .prepare = pg_prepare,
                                      .bind_int = pg_bind_int,
                                      .bind_text = pg_bind_text,
                                      .bind_blob = pg_bind_blob,
                                      .step = pg_step,
                                      .run = pg_run,
                                      .reset = pg_reset,
                                      .is_null = pg_is_null,
                                      .get_int = pg_get_int,
                                      .get_text = pg_get_text,
                                      .get_blob = pg_get_blob,
                                      .copy = copy};
