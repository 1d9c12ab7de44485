/* The database's driver: all that the rest of the room knows of it, whichever engine it is. Texts of SQL are static,
 * since statements are kept by their address, are what both engines take, and name their parameters $1, $2, …; one
 * thread at a time. FAULT's text is the end of a sentence for people, with a remedy.
 *
 * TGC_EFULL, TGC_EREADONLY, TGC_EDAMAGED, TGC_EBUSY (another process has it), TGC_EEXIST (a constraint), TGC_ESYSTEM,
 * TGC_ENOMEM, TGC_ELIMIT; and of a server TGC_EAWAY: it does not answer, and what is to be done next is
 * db_recover(). */
#ifndef TGCALLD_STORE_DB_H
#define TGCALLD_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/clock.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"

struct db;
struct db_stmt;

enum db_engine { DB_SQLITE, DB_POSTGRESQL };

/* TGC_EDAMAGED where the journal beside PATH cannot be of the database that stands there: db_open() would write what it
 * holds into it, or throw it away. */
int db_check_journal(const char *path, struct fault *fault) TGC_MUST;
/* Opens PATH, which is made where it is missing, mode 0600. What is there is not changed by it. */
int db_open(const char *path, struct db **ret, struct fault *fault) TGC_MUST;
/* Which server, and how it is used. */
struct db_server {
    const char *url;                  /* "postgresql://…" (PostgreSQL's documentation, 34.1.1) */
    const struct clock_source *clock; /* borrowed */
    int64_t patience_us;              /* for an answer, and for a connection; 0: what is usual */
    bool is_shared;                   /* with other processes: without a lock, and never claimed */
    int64_t node;                     /* the database is the nodes' of a cluster, and this one's id is that; 0: it is
                                         this process's alone */
};

/* Connects, and has the database there to itself, or to the nodes: TGC_EBUSY where another process has it, or those.
 * What is there is not changed by it. Besides the errors above: TGC_EINVAL, the URL is none; TGC_EREFUSED, it takes no
 * such login; TGC_EUNKNOWN, there is no such database. */
int db_open_server(const struct db_server *server, struct db **ret, struct fault *fault) TGC_MUST;
/* From now on it is this process's alone, or the node's beside the others; and what is committed is on the disk.
 * TGC_EBUSY: the node was buried. */
int db_claim(struct db *db, struct fault *fault) TGC_MUST;
enum db_engine db_engine(const struct db *db);
/* NULL is fine. */
void db_close(struct db *db);

/* After TGC_EAWAY, and outside of a transaction: tries once, for a few seconds at most, to have the server back.
 * *RET_COMMITTED: the transaction whose db_commit() was away was written after all. TGC_EAWAY: not yet. TGC_EBUSY: it
 * is another process's meanwhile, or the node was buried: for good. */
int db_recover(struct db *db, bool *ret_committed, struct fault *fault) TGC_MUST;
/* Whether the last transaction's db_commit() was away, and db_recover() did not tell of it yet. */
bool db_is_unsure(const struct db *db);
/* Whether it answers, outside of a transaction; 0 at once of a file. */
int db_look(struct db *db, struct fault *fault) TGC_MUST;

/* Of a server. *STOP_US, borrowed, which another thread may set from 0: this process is to have ended then, and from
 * there on nothing is waited for, but a moment each. */
void db_stop_by(struct db *db, const _Atomic int64_t *stop_us);

/* Of a server, outside of a transaction: waits for what LISTEN has it told (*RET_TOLD), for FD to be readable, or until
 * UNTIL_US. */
int db_wait(struct db *db, int fd, int64_t until_us, bool *ret_told, struct fault *fault) TGC_MUST;

/* Statements without parameters and rows. */
int db_exec(struct db *db, const char *sql, struct fault *fault) TGC_MUST;
/* One whole number; 0 where there is no row. */
int db_number(struct db *db, const char *sql, int64_t *ret, struct fault *fault) TGC_MUST;

int db_begin(struct db *db, struct fault *fault) TGC_MUST;
int db_commit(struct db *db, struct fault *fault) TGC_MUST;
void db_rollback(struct db *db);

/* A statement without values, ready to be bound; it belongs to the database. */
int db_prepare(struct db *db, const char *sql, struct db_stmt **ret, struct fault *fault) TGC_MUST;
/* The Nth parameter, from 1. Bytes and texts are borrowed until db_run(), or the last db_step(). NULL is NULL. An error
 * sticks until then. */
void db_bind_int(struct db_stmt *st, int n, int64_t value);
void db_bind_text(struct db_stmt *st, int n, const char *text);
void db_bind_blob(struct db_stmt *st, int n, const void *data, size_t len);
/* *RET_ROW: there is one more row, whose columns can be read until the next step. After the last one, and after an
 * error, the statement is as it was prepared. */
int db_step(struct db_stmt *st, bool *ret_row, struct fault *fault) TGC_MUST;
/* Of what gives no rows. Within a transaction an error may come later, at the latest with db_commit(). */
int db_run(struct db_stmt *st, struct fault *fault) TGC_MUST;
/* Before the last row; NULL is fine. */
void db_reset(struct db_stmt *st);

/* The Nth column, from 0. */
bool db_is_null(struct db_stmt *st, int n);
int64_t db_int(struct db_stmt *st, int n);
/* NULL for NULL. */
const char *db_text(struct db_stmt *st, int n);
const uint8_t *db_blob(struct db_stmt *st, int n, size_t *ret_len);

/* Of a file. Copies all to the new database PATH, runs MARK in it, and puts it onto the disk: one file, without a
 * journal. It is there, and empty. */
int db_copy(struct db *db, const char *path, const char *mark, struct fault *fault) TGC_MUST;
/* Removes a database that nobody uses, with what a process that was killed left beside it. */
void db_remove(const char *path);

#endif
