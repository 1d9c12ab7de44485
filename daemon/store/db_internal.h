/* What an engine is made of: db.c calls it, db_sqlite.c and db_pg.c are one each. The contracts are db.h's. */
#ifndef TGCALLD_STORE_DB_INTERNAL_H
#define TGCALLD_STORE_DB_INTERNAL_H

#include "daemon/store/db.h"

struct db_calls {
    enum db_engine engine;
    void (*close)(struct db *db);
    int (*claim)(struct db *db, struct fault *fault);
    int (*recover)(struct db *db, bool *ret_committed, struct fault *fault);
    bool (*is_unsure)(const struct db *db);
    int (*look)(struct db *db, struct fault *fault);
    void (*stop_by)(struct db *db, const _Atomic int64_t *stop_us); /* NULL: it waits for nothing */
    int (*exec)(struct db *db, const char *sql, struct fault *fault);
    int (*number)(struct db *db, const char *sql, int64_t *ret, struct fault *fault);
    int (*begin)(struct db *db, struct fault *fault);
    int (*commit)(struct db *db, struct fault *fault);
    void (*rollback)(struct db *db);
    int (*prepare)(struct db *db, const char *sql, struct db_stmt **ret, struct fault *fault);
    void (*bind_int)(struct db_stmt *st, int n, int64_t value);
    void (*bind_text)(struct db_stmt *st, int n, const char *text);
    void (*bind_blob)(struct db_stmt *st, int n, const void *data, size_t len);
    int (*step)(struct db_stmt *st, bool *ret_row, struct fault *fault);
    int (*run)(struct db_stmt *st, struct fault *fault);
    void (*reset)(struct db_stmt *st);
    bool (*is_null)(struct db_stmt *st, int n);
    int64_t (*get_int)(struct db_stmt *st, int n);
    const char *(*get_text)(struct db_stmt *st, int n);
    const uint8_t *(*get_blob)(struct db_stmt *st, int n, size_t *ret_len);
    int (*copy)(struct db *db, const char *path, const char *mark, struct fault *fault);
};

/* The head of each engine's own. */
struct db {
    const struct db_calls *calls;
};

struct db_stmt {
    struct db *db;
};

/* The most statements that a database keeps, and parameters that one has. */
enum { DB_STATEMENTS_MAX = 192, DB_PARAMS_MAX = 32 };

#endif
