/* PostgreSQL behind the driver, over libpq (PostgreSQL's documentation, chapter 34): one connection in pipeline mode,
 * non-blocking, every wait with an end. For the files of this engine. */
#ifndef TGCALLD_STORE_DB_PG_H
#define TGCALLD_STORE_DB_PG_H

#include <libpq-fe.h>
#include <poll.h>
#include <stdatomic.h>

#include "daemon/base/buf.h"
#include "daemon/store/db_internal.h"

/* Longer than a healthy server takes for anything that is asked of it here. */
#define PG_ANSWER_US (10 * SECOND_US)
#define PG_CONNECT_US (5 * SECOND_US)
/* What changes tables may rewrite them. */
#define PG_EXEC_US (600 * SECOND_US)

/* A store's connection has the lock of this class for as long as it lives, nodes share it; the second number: several
 * schemas of one database are several stores. */
#define PG_LOCK_CLASS "1952932708"
/* By which a node's connection is known to the others, before its id. */
#define PG_NODE_NAME "tgcalld node "
/* Rows PID: the connections of the node whose id NODE is, an expression. */
#define PG_NODE_BACKENDS(node)                                                                                         \
    "FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid"                                                   \
    " WHERE l.locktype = 'advisory' AND l.granted AND l.classid = " PG_LOCK_CLASS                                      \
    " AND l.objid = (hashtext(current_schema())::bigint & 4294967295)::oid"                                            \
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"                               \
    " AND a.application_name = '" PG_NODE_NAME "' || " node

/* The server's clock in microseconds, of the statement, not of its transaction. */
#define PG_NOW_US "(extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT"

/* Who writes it, and what each wrote last: see db_pg.c. */
#define DB_PG_WRITER                                                                                                   \
    "CREATE TABLE IF NOT EXISTS tgcalld_writer (id BIGINT PRIMARY KEY, holder BIGINT NOT NULL, epoch BIGINT NOT NULL," \
    " serial BIGINT NOT NULL)"

struct pg_stmt {
    struct db_stmt stmt;
    const char *sql;
    unsigned name;  /* "sN", as the server knows it; 0: it does not */
    uint64_t batch; /* in which it was told, */
    size_t at;      /* as the how manieth of it */
    int params_n;
    Oid types[DB_PARAMS_MAX];
    const char *values[DB_PARAMS_MAX];
    int lengths[DB_PARAMS_MAX];
    uint64_t ints[DB_PARAMS_MAX]; /* big-endian: what values point to */
    char *texts[DB_PARAMS_MAX];   /* owned, where a text was none; NULL */
    int err;                      /* the first of a bind */
    PGresult *rows;
    int row;
};

struct pg {
    struct db db;
    char *url;
    const struct clock_source *clock;
    int64_t answer_us, connect_us;
    const _Atomic int64_t *stop_us; /* NULL, or 0 in it: the process goes on */
    int64_t begun_us;               /* what is waited for now */
    bool is_shared;
    int64_t node; /* 0: none */
    PGconn *conn; /* NULL: away */
    int backend;  /* its process there */
    size_t host;  /* the place in the URL of the one that it is with */
    unsigned names;
    uint64_t batch;  /* what is between two syncs */
    size_t sent;     /* of the batch, so far */
    size_t owed;     /* results of the batch that were not taken */
    bool has_begun;  /* a transaction */
    bool is_claimed; /* then each transaction is fenced: */
    int64_t holder;  /* the epoch with which the database was taken */
    int64_t epoch;   /* of this connection; one of before writes nothing any more */
    int64_t serial;  /* of the last transaction that was written */
    bool is_unsure;  /* whether the one after that was */
    struct pg_stmt *fence, kept[DB_STATEMENTS_MAX];
    size_t kept_n;
};

static inline struct pg *pg_of(struct db *db)
{
    return (struct pg *)db;
}

static inline struct pg_stmt *pg_stmt_of(struct db_stmt *st)
{
    return (struct pg_stmt *)st;
}

/* db_pg_dial.c: a connection to a server that may be written, and is one for this daemon. TGC_EAWAY, and what of
 * db_open_server()'s it says itself; of several hosts, the faults of all. */
int pg_dial(struct pg *pg, int64_t until_us, struct fault *fault) TGC_MUST;
/* PQconninfoParse()'s, wiped: the password is among them. NULL is fine. */
void pg_options_free(PQconninfoOption *options);

/* db_pg_connect.c: a connection, and the database's lock for as long as it holds. TGC_EAWAY, TGC_EBUSY, and
 * db_open_server()'s. */
int pg_connect(struct pg *pg, struct fault *fault) TGC_MUST;
/* It is of no use any more; what the server was told with it is forgotten. */
void pg_disconnect(struct pg *pg);
/* TGC_EAWAY, with WHAT; the connection is gone. */
int pg_away(struct pg *pg, const char *what, struct fault *fault);

/* db_pg_fault.c: what a result that is an error says. */
int pg_fault_of(const PGresult *result, struct fault *fault);
/* Why no connection came about. */
int pg_fault_of_connection(const PGconn *conn, struct fault *fault);
/* libpq's own words without their line ends; one static buffer a thread. */
const char *pg_words(const char *message);

/* db_pg_wait.c: until UNTIL_US something happens at FD, as poll() has it, or the process is to end: then what began is
 * given up. The number of what did, as poll() has it; 0: nothing. */
void pg_begin_wait(struct pg *pg);
int pg_poll(struct pg *pg, struct pollfd *at, int64_t until_us);
/* UNTIL_US is over, or would be for who ends. */
bool pg_is_over(const struct pg *pg, int64_t until_us);

/* db_pg_stmt.c. Sends a text without parameters as part of the batch. */
int pg_send(struct pg *pg, const char *sql, struct fault *fault) TGC_MUST;
/* Ends the batch and takes all that is owed. *RET is the last one's result, for PQclear(); NULL where it is not asked
 * for. The first error of the batch. */
int pg_finish(struct pg *pg, int64_t within_us, PGresult **ret, struct fault *fault) TGC_MUST;
/* Outside of a batch: all of a text with several statements. */
int pg_simple(struct pg *pg, const char *sql, int64_t within_us, struct fault *fault) TGC_MUST;
/* db_number() */
int pg_number(struct pg *pg, const char *sql, int64_t *ret, struct fault *fault) TGC_MUST;
int64_t pg_int(const PGresult *result, int row, int column);

int pg_prepare(struct db *db, const char *sql, struct db_stmt **ret, struct fault *fault);
void pg_bind_int(struct db_stmt *st, int n, int64_t value);
void pg_bind_text(struct db_stmt *st, int n, const char *text);
void pg_bind_blob(struct db_stmt *st, int n, const void *data, size_t len);
int pg_step(struct db_stmt *st, bool *ret_row, struct fault *fault);
int pg_run(struct db_stmt *st, struct fault *fault);
void pg_reset(struct db_stmt *st);
bool pg_is_null(struct db_stmt *st, int n);
int64_t pg_get_int(struct db_stmt *st, int n);
const char *pg_get_text(struct db_stmt *st, int n);
const uint8_t *pg_get_blob(struct db_stmt *st, int n, size_t *ret_len);

#endif
