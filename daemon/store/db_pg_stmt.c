#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/utf8.h"
#include "daemon/store/db_pg.h"

/* src/include/catalog/pg_type.dat */
enum { TYPE_BYTEA = 17, TYPE_INT8 = 20, TYPE_TEXT = 25 };
enum { TEXT_FORMAT, BINARY_FORMAT };

/* Results that nobody took wait in memory on both sides. */
enum { OWED_MAX = 512 };

/* --- waiting --- */

static int poll_ms(int64_t left_us)
{
    return left_us <= 0 ? 0 : left_us > 3600 * SECOND_US ? 3600 * 1000 : (int)(left_us / 1000) + 1;
}

/* For the server's next word, or for room to tell it more. */
static int wait_for(struct pg *pg, short events, int64_t until_us, struct fault *fault)
{
    struct pollfd at = {.fd = PQsocket(pg->conn), .events = events};

    for (;;) {
        bool is_over = pg_is_over(pg, until_us);
        int n = pg_poll(pg, &at, until_us);
        if (n > 0)
            return 0;
        if (n == 0 && is_over)
            return pg_away(pg, "it said nothing for too long", fault);
        if (n < 0 && errno != EINTR)
            return pg_away(pg, strerror(errno), fault);
    }
}

/* Until libpq has a result, or knows that there is none. */
static int await(struct pg *pg, int64_t until_us, struct fault *fault)
{
    for (;;) {
        int flushed = PQflush(pg->conn);
        if (flushed < 0)
            return pg_away(pg, pg_words(PQerrorMessage(pg->conn)), fault);
        if (!PQisBusy(pg->conn))
            return 0;
        int err = wait_for(pg, flushed ? POLLIN | POLLOUT : POLLIN, until_us, fault);
        if (err)
            return err;
        if (!PQconsumeInput(pg->conn))
            return pg_away(pg, pg_words(PQerrorMessage(pg->conn)), fault);
    }
}

/* What libpq has taken in already, maybe with an answer. */
static bool is_told(struct pg *pg)
{
    bool is = false;
    PGnotify *told;

    while (pg->conn && (told = PQnotifies(pg->conn))) {
        is = true;
        PQfreemem(told);
    }
    return is;
}

int db_wait(struct db *db, int fd, int64_t until_us, bool *ret_told, struct fault *fault)
{
    struct pg *pg = pg_of(db);
    struct pollfd at[2] = {{.fd = fd, .events = POLLIN}, {.fd = pg->conn ? PQsocket(pg->conn) : -1, .events = POLLIN}};

    *ret_told = is_told(pg);
    if (*ret_told)
        return 0;
    int64_t left_us = until_us - clock_mono_us(pg->clock);
    int n = poll(at, 2, poll_ms(left_us));
    if (n < 0 && errno != EINTR)
        return fault_set(fault, TGC_ESYSTEM, "cannot wait for the database server: %s", strerror(errno));
    if (n > 0 && pg->conn && at[1].revents && !PQconsumeInput(pg->conn))
        return pg_away(pg, pg_words(PQerrorMessage(pg->conn)), fault);
    *ret_told = is_told(pg);
    return 0;
}

static int next_result(struct pg *pg, int64_t until_us, PGresult **ret, struct fault *fault)
{
    int err = await(pg, until_us, fault);

    if (!err)
        *ret = PQgetResult(pg->conn);
    return err;
}

/* --- batches --- */

static bool is_error(const PGresult *r)
{
    ExecStatusType status = PQresultStatus(r);

    return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_PIPELINE_SYNC;
}

/* What was told in a batch that failed was passed over from the FIRST failure on; what was told before stands, whatever
 * becomes of the transaction. */
static void forget_batch(struct pg *pg, size_t first)
{
    for (size_t i = 0; i < pg->kept_n; i++)
        if (pg->kept[i].batch == pg->batch && pg->kept[i].at >= first)
            pg->kept[i].name = 0;
}

/* The first that is no error takes its place in *LAST; the first that is one says so. What follows it is passed over by
 * the server, which says that of each. */
static void look_at(PGresult *r, PGresult **last, int *failed, struct fault *fault)
{
    if (!is_error(r)) {
        PQclear(*last);
        *last = r;
        return;
    }
    if (!*failed && PQresultStatus(r) != PGRES_PIPELINE_ABORTED)
        *failed = pg_fault_of(r, fault);
    PQclear(r);
}

/* One statement's results, to the NULL after them. */
static int take_one(struct pg *pg, int64_t until_us, PGresult **last, int *failed, struct fault *fault)
{
    for (;;) {
        PGresult *r;
        int err = next_result(pg, until_us, &r, fault);
        if (err || !r)
            return err;
        look_at(r, last, failed, fault);
    }
}

static int take_sync(struct pg *pg, int64_t until_us, struct fault *fault)
{
    PGresult *r = NULL;
    int err = next_result(pg, until_us, &r, fault);

    if (err)
        return err;
    bool is_sync = r && PQresultStatus(r) == PGRES_PIPELINE_SYNC;
    PQclear(r);
    return is_sync ? 0 : pg_away(pg, "it lost its place", fault);
}

int pg_finish(struct pg *pg, int64_t within_us, PGresult **ret, struct fault *fault)
{
    int64_t until_us = clock_mono_us(pg->clock) + within_us;
    PGresult *last = NULL;
    size_t good = 0;
    int err = 0, failed = 0;

    if (!pg->conn)
        return pg_away(pg, "there is no connection", fault);
    pg_begin_wait(pg);
    if (!PQpipelineSync(pg->conn))
        return pg_away(pg, pg_words(PQerrorMessage(pg->conn)), fault);
    while (!err && pg->owed) {
        err = take_one(pg, until_us, &last, &failed, fault);
        if (err)
            break;
        good += !failed;
        pg->owed--;
    }
    if (!err)
        err = take_sync(pg, until_us, fault);
    if (err || failed)
        forget_batch(pg, good);
    pg->batch++;
    pg->sent = 0;
    /* At a node's fence: what became of its row is seen by who comes back. */
    bool is_fenced = !err && failed == TGC_EBUSY && pg->node;
    if (is_fenced)
        failed = fault_set(fault, TGC_EAWAY, "another node changed the seal key, or took this one for dead");
    if (!err && (is_fenced || (failed == TGC_EAWAY && PQstatus(pg->conn) == CONNECTION_BAD)))
        pg_disconnect(pg);
    if (err || failed || !ret) {
        PQclear(last);
        last = NULL;
    }
    if (ret)
        *ret = last;
    return err ? err : failed;
}

static int sent(struct pg *pg, int is_sent, struct fault *fault)
{
    if (!is_sent)
        return pg_away(pg, pg_words(PQerrorMessage(pg->conn)), fault);
    pg->owed++;
    pg->sent++;
    return 0;
}

int pg_send(struct pg *pg, const char *sql, struct fault *fault)
{
    if (!pg->conn)
        return pg_away(pg, "there is no connection", fault);
    return sent(pg, PQsendQueryParams(pg->conn, sql, 0, NULL, NULL, NULL, NULL, BINARY_FORMAT), fault);
}

int pg_simple(struct pg *pg, const char *sql, int64_t within_us, struct fault *fault)
{
    int64_t until_us = clock_mono_us(pg->clock) + within_us;
    PGresult *last = NULL;
    int failed = 0;
    int err = pg_finish(pg, pg->answer_us, NULL, fault);

    if (err)
        return err;
    pg_begin_wait(pg);
    if (!PQexitPipelineMode(pg->conn) || !PQsendQuery(pg->conn, sql))
        return pg_away(pg, pg_words(PQerrorMessage(pg->conn)), fault);
    err = take_one(pg, until_us, &last, &failed, fault);
    PQclear(last);
    if (err)
        return err;
    if (!PQenterPipelineMode(pg->conn))
        return pg_away(pg, pg_words(PQerrorMessage(pg->conn)), fault);
    return failed;
}

int pg_number(struct pg *pg, const char *sql, int64_t *ret, struct fault *fault)
{
    PGresult *r = NULL;
    int err = pg_send(pg, sql, fault);

    if (!err)
        err = pg_finish(pg, pg->answer_us, &r, fault);
    if (!err)
        *ret = PQntuples(r) > 0 && !PQgetisnull(r, 0, 0) ? pg_int(r, 0, 0) : 0;
    PQclear(r);
    return err;
}

/* --- statements --- */

static int count_params(const char *sql)
{
    int n = 0;

    for (const char *c = strchr(sql, '$'); c; c = strchr(c + 1, '$')) {
        int k = atoi(c + 1);
        n = k > n ? k : n;
    }
    return n;
}

int pg_prepare(struct db *db, const char *sql, struct db_stmt **ret, struct fault *fault)
{
    struct pg *pg = pg_of(db);
    struct pg_stmt *st = NULL;

    for (size_t i = 0; i < pg->kept_n && !st; i++)
        if (pg->kept[i].sql == sql)
            st = &pg->kept[i];
    if (!st) {
        int n = count_params(sql);
        if (pg->kept_n == DB_STATEMENTS_MAX || n >= DB_PARAMS_MAX)
            return fault_set(fault, TGC_ELIMIT, "there are more statements than are kept");
        st = &pg->kept[pg->kept_n++];
        *st = (struct pg_stmt){.stmt = {.db = db}, .sql = sql, .params_n = n};
    }
    *ret = &st->stmt;
    return 0;
}

static void set(struct pg_stmt *st, int n, Oid type, const void *value, size_t len)
{
    st->types[n - 1] = type;
    st->values[n - 1] = value;
    st->lengths[n - 1] = (int)len;
}

void pg_bind_int(struct db_stmt *stmt, int n, int64_t value)
{
    struct pg_stmt *st = pg_stmt_of(stmt);

    st->ints[n - 1] = htobe64((uint64_t)value);
    set(st, n, TYPE_INT8, &st->ints[n - 1], sizeof(st->ints[0]));
}

/* A text of the server's is UTF-8; one of Telegram's or of another's server need not be. */
void pg_bind_text(struct db_stmt *stmt, int n, const char *text)
{
    struct pg_stmt *st = pg_stmt_of(stmt);
    size_t len = text ? strlen(text) : 0;

    if (text && !utf8_is_valid(text, len)) {
        free(st->texts[n - 1]);
        if (!(st->texts[n - 1] = strdup(text))) {
            st->err = TGC_ENOMEM;
            return;
        }
        for (char *c = st->texts[n - 1]; *c; c++)
            *c = *c & 0x80 ? '?' : *c;
        text = st->texts[n - 1];
    }
    set(st, n, TYPE_TEXT, text, len);
}

/* libpq takes NULL for NULL, however long. */
void pg_bind_blob(struct db_stmt *stmt, int n, const void *data, size_t len)
{
    set(pg_stmt_of(stmt), n, TYPE_BYTEA, data, len);
}

static void unbind(struct pg_stmt *st)
{
    for (int i = 0; i < st->params_n; i++) {
        st->values[i] = NULL;
        free(st->texts[i]);
        st->texts[i] = NULL;
    }
    st->err = 0;
}

void pg_reset(struct db_stmt *stmt)
{
    struct pg_stmt *st = pg_stmt_of(stmt);

    PQclear(st->rows);
    st->rows = NULL;
    unbind(st);
}

/* The server is told of it when it is first run, as its parameters' types are known then. One that is NULL then is of
 * the type that the server finds for it. */
static int tell(struct pg *pg, struct pg_stmt *st, const char *name, struct fault *fault)
{
    return sent(pg, PQsendPrepare(pg->conn, name, st->sql, st->params_n, st->types), fault);
}

static int execute(struct pg *pg, struct pg_stmt *st, struct fault *fault)
{
    static const int formats[DB_PARAMS_MAX] = {[0 ... DB_PARAMS_MAX - 1] = BINARY_FORMAT};
    char name[16];
    int err = 0;

    if (st->err)
        return fault_set(fault, st->err, "%s", tgc_err_text(st->err));
    if (!pg->conn)
        return pg_away(pg, "there is no connection", fault);
    bool is_new = !st->name;
    if (is_new) {
        st->name = ++pg->names;
        st->batch = pg->batch;
        st->at = pg->sent;
    }
    snprintf(name, sizeof(name), "s%u", st->name);
    if (is_new)
        err = tell(pg, st, name, fault);
    if (!err)
        err =
            sent(pg, PQsendQueryPrepared(pg->conn, name, st->params_n, st->values, st->lengths, formats, BINARY_FORMAT),
                 fault);
    return err;
}

int pg_step(struct db_stmt *stmt, bool *ret_row, struct fault *fault)
{
    struct pg_stmt *st = pg_stmt_of(stmt);
    struct pg *pg = pg_of(stmt->db);

    if (!st->rows) {
        int err = execute(pg, st, fault);
        if (!err)
            err = pg_finish(pg, pg->answer_us, &st->rows, fault);
        unbind(st);
        if (err)
            return err;
        st->row = -1;
    }
    *ret_row = ++st->row < PQntuples(st->rows);
    if (!*ret_row)
        pg_reset(stmt);
    return 0;
}

int pg_run(struct db_stmt *stmt, struct fault *fault)
{
    struct pg_stmt *st = pg_stmt_of(stmt);
    struct pg *pg = pg_of(stmt->db);
    int err = execute(pg, st, fault);

    unbind(st);
    if (!err && (!pg->has_begun || pg->owed >= OWED_MAX))
        err = pg_finish(pg, pg->answer_us, NULL, fault);
    return err;
}

/* --- columns --- */

int64_t pg_int(const PGresult *result, int row, int column)
{
    const uint8_t *at = (const uint8_t *)PQgetvalue(result, row, column);
    int len = PQgetlength(result, row, column);
    uint64_t n = len > 0 && at[0] & 0x80 ? UINT64_MAX : 0;

    for (int i = 0; i < len && i < 8; i++)
        n = n << 8 | at[i];
    return (int64_t)n;
}

bool pg_is_null(struct db_stmt *stmt, int n)
{
    struct pg_stmt *st = pg_stmt_of(stmt);

    return PQgetisnull(st->rows, st->row, n);
}

int64_t pg_get_int(struct db_stmt *stmt, int n)
{
    struct pg_stmt *st = pg_stmt_of(stmt);

    return PQgetisnull(st->rows, st->row, n) ? 0 : pg_int(st->rows, st->row, n);
}

const char *pg_get_text(struct db_stmt *stmt, int n)
{
    struct pg_stmt *st = pg_stmt_of(stmt);

    return PQgetisnull(st->rows, st->row, n) ? NULL : PQgetvalue(st->rows, st->row, n);
}

const uint8_t *pg_get_blob(struct db_stmt *stmt, int n, size_t *ret_len)
{
    struct pg_stmt *st = pg_stmt_of(stmt);

    *ret_len = (size_t)PQgetlength(st->rows, st->row, n);
    return *ret_len ? (const uint8_t *)PQgetvalue(st->rows, st->row, n) : NULL;
}
