#include "daemon/store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "daemon/base/limits.h"

enum { STATEMENTS_MAX = 64, PARAMS_MAX = 32 };

struct db_stmt {
    struct db *db;
    const char *sql;
    sqlite3_stmt *handle;
    int rc;                    /* the first error of a bind */
    uint8_t index[PARAMS_MAX]; /* SQLite numbers names as they come: $N is index[N] */
};

struct db {
    sqlite3 *handle;
    struct db_stmt kept[STATEMENTS_MAX];
    size_t kept_n;
};

/* --- errors --- */

static int set_system_error(int error, struct fault *fault)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return fault_set(fault, TGC_EFULL, "the disk is full: free some space on it");
    case EROFS:
    case EACCES:
    case EPERM:
        return fault_set(fault, TGC_EREADONLY,
                         "the database may not be written: make its file, its folder and the disk "
                         "writable for the daemon's user");
    default:
        return fault_set(fault, TGC_ESYSTEM, "the system refused: %s", strerror(error));
    }
}

/* What the system said last of the file or of its journal, which SQLite's own word does not always tell; 0. */
static int last_errno(struct db *db)
{
    sqlite3_file *journal = NULL;
    int error = sqlite3_system_errno(db->handle);

    if (!error)
        sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_LAST_ERRNO, &error);
    if (!error)
        sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal);
    if (journal && journal->pMethods)
        journal->pMethods->xFileControl(journal, SQLITE_FCNTL_LAST_ERRNO, &error);
    return error;
}

static int set_fault(struct db *db, int rc, struct fault *fault)
{
    int error;

    switch (rc & 0xff) {
    case SQLITE_NOMEM:
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    case SQLITE_FULL:
        return set_system_error(ENOSPC, fault);
    case SQLITE_READONLY:
        return set_system_error(EACCES, fault);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return fault_set(fault, TGC_EDAMAGED, "the database is damaged, or none: put a backup in its place");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fault_set(fault, TGC_EBUSY, "another process has the database open: stop that one first");
    case SQLITE_CONSTRAINT:
        return fault_set(fault, TGC_EEXIST, "the database refuses the row: %s", sqlite3_errmsg(db->handle));
    case SQLITE_TOOBIG:
        return fault_set(fault, TGC_ELIMIT, "a value is too long for the database");
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        error = last_errno(db);
        if (error)
            return set_system_error(error, fault);
        break;
    default:
        break;
    }
    return fault_set(fault, TGC_ESYSTEM, "the database fails: %s", sqlite3_errmsg(db->handle));
}

/* --- open and close --- */

/* SQLite would make it readable for all; what it makes beside takes after it. */
static int make_file(const char *path, struct fault *fault)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd >= 0)
        close(fd);
    return fd < 0 && errno != EEXIST ? set_system_error(errno, fault) : 0;
}

int db_open(const char *path, struct db **ret, struct fault *fault)
{
    int err = make_file(path, fault);

    if (err)
        return err;
    struct db *db = calloc(1, sizeof(*db));
    if (!db)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    int rc =
        sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (rc != SQLITE_OK)
        err = db->handle ? set_fault(db, rc, fault) : fault_set(fault, TGC_ENOMEM, "out of memory");
    else if (sqlite3_db_readonly(db->handle, "main") == 1)
        err = set_system_error(EACCES, fault);
    else
        err = db_exec(db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON",
                      fault);
    if (err) {
        db_close(db);
        return err;
    }
    *ret = db;
    return 0;
}

/* What is deleted is overwritten; and the lock is taken by the first write. */
int db_claim(struct db *db, struct fault *fault)
{
    sqlite3_limit(db->handle, SQLITE_LIMIT_LENGTH, LIMIT_STORE_VALUE + (64 << 10));
    int err = db_exec(db, "PRAGMA journal_mode = WAL", fault);
    if (!err)
        err = db_exec(db,
                      "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 4194304; PRAGMA foreign_keys = ON; "
                      "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; BEGIN IMMEDIATE; COMMIT",
                      fault);
    return err;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < db->kept_n; i++)
        sqlite3_finalize(db->kept[i].handle);
    sqlite3_close(db->handle);
    free(db);
}

/* --- statements --- */

int db_exec(struct db *db, const char *sql, struct fault *fault)
{
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? 0 : set_fault(db, rc, fault);
}

int db_number(struct db *db, const char *sql, int64_t *ret, struct fault *fault)
{
    sqlite3_stmt *st;
    int rc = sqlite3_prepare_v2(db->handle, sql, -1, &st, NULL);

    if (rc == SQLITE_OK) {
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
            *ret = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
            rc = SQLITE_OK;
        }
        sqlite3_finalize(st);
    }
    return rc == SQLITE_OK ? 0 : set_fault(db, rc, fault);
}

int db_begin(struct db *db, struct fault *fault)
{
    return db_exec(db, "BEGIN IMMEDIATE", fault);
}

int db_commit(struct db *db, struct fault *fault)
{
    return db_exec(db, "COMMIT", fault);
}

/* Some failures have rolled back already. */
void db_rollback(struct db *db)
{
    if (!sqlite3_get_autocommit(db->handle))
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

static int find_params(struct db_stmt *st, struct fault *fault)
{
    for (int n = 1; n <= sqlite3_bind_parameter_count(st->handle); n++) {
        char name[16];
        snprintf(name, sizeof(name), "$%d", n);
        int index = sqlite3_bind_parameter_index(st->handle, name);
        if (n >= PARAMS_MAX || !index)
            return fault_set(fault, TGC_EINVAL, "a statement's parameters are not $1, $2, …: %s", st->sql);
        st->index[n] = (uint8_t)index;
    }
    return 0;
}

int db_prepare(struct db *db, const char *sql, struct db_stmt **ret, struct fault *fault)
{
    struct db_stmt *st = NULL;

    for (size_t i = 0; i < db->kept_n && !st; i++)
        if (db->kept[i].sql == sql)
            st = &db->kept[i];
    if (!st) {
        if (db->kept_n == STATEMENTS_MAX)
            return fault_set(fault, TGC_ELIMIT, "there are more statements than are kept");
        st = &db->kept[db->kept_n];
        *st = (struct db_stmt){.db = db, .sql = sql};
        int rc = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &st->handle, NULL);
        if (rc != SQLITE_OK)
            return set_fault(db, rc, fault);
        int err = find_params(st, fault);
        if (err) {
            sqlite3_finalize(st->handle);
            return err;
        }
        db->kept_n++;
    }
    *ret = st;
    return 0;
}

static void note(struct db_stmt *st, int rc)
{
    if (st->rc == SQLITE_OK)
        st->rc = rc;
}

void db_bind_int(struct db_stmt *st, int n, int64_t value)
{
    note(st, sqlite3_bind_int64(st->handle, st->index[n], value));
}

void db_bind_text(struct db_stmt *st, int n, const char *text)
{
    note(st, sqlite3_bind_text(st->handle, st->index[n], text, -1, SQLITE_STATIC));
}

void db_bind_blob(struct db_stmt *st, int n, const void *data, size_t len)
{
    note(st, sqlite3_bind_blob64(st->handle, st->index[n], data, len, SQLITE_STATIC));
}

void db_reset(struct db_stmt *st)
{
    if (!st)
        return;
    sqlite3_reset(st->handle);
    sqlite3_clear_bindings(st->handle);
    st->rc = SQLITE_OK;
}

int db_step(struct db_stmt *st, bool *ret_row, struct fault *fault)
{
    int rc = st->rc != SQLITE_OK ? st->rc : sqlite3_step(st->handle), err = 0;

    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        err = set_fault(st->db, rc, fault);
    if (rc != SQLITE_ROW)
        db_reset(st);
    if (!err)
        *ret_row = rc == SQLITE_ROW;
    return err;
}

int db_run(struct db_stmt *st, struct fault *fault)
{
    bool row = false;
    int err = db_step(st, &row, fault);

    if (row)
        db_reset(st);
    return err;
}

bool db_is_null(struct db_stmt *st, int n)
{
    return sqlite3_column_type(st->handle, n) == SQLITE_NULL;
}

int64_t db_int(struct db_stmt *st, int n)
{
    return sqlite3_column_int64(st->handle, n);
}

const char *db_text(struct db_stmt *st, int n)
{
    return (const char *)sqlite3_column_text(st->handle, n);
}

const uint8_t *db_blob(struct db_stmt *st, int n, size_t *ret_len)
{
    const uint8_t *data = sqlite3_column_blob(st->handle, n);

    *ret_len = data ? (size_t)sqlite3_column_bytes(st->handle, n) : 0;
    return data;
}

/* --- copies --- */

void db_remove(const char *path)
{
    static const char *const ends[] = {"", "-journal", "-wal", "-shm"};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        char *name;
        if (asprintf(&name, "%s%s", path, ends[i]) < 0)
            continue;
        unlink(name);
        free(name);
    }
}

/* In one step: nobody else can write in between, and it takes a moment. A copy that fails is thrown away and needs no
 * journal; it begins with the original's word that it has one, though (WAL), which is taken back before it is marked.
 */
int db_copy(struct db *db, const char *path, const char *mark, struct fault *fault)
{
    struct db to = {.handle = NULL};
    int rc =
        sqlite3_open_v2(path, &to.handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_exec(to.handle, "PRAGMA journal_mode = OFF; PRAGMA synchronous = FULL", NULL, NULL, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_backup *copy = sqlite3_backup_init(to.handle, "main", db->handle, "main");
        if (copy) {
            /* That it is not all is no error of the whole to SQLite, where somebody else holds a lock. */
            int step = sqlite3_backup_step(copy, -1);
            rc = sqlite3_backup_finish(copy);
            if (rc == SQLITE_OK && step != SQLITE_DONE)
                rc = step == SQLITE_OK ? SQLITE_BUSY : step;
        } else {
            rc = sqlite3_extended_errcode(to.handle);
        }
    }
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(to.handle, "PRAGMA journal_mode = OFF", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(to.handle, mark, NULL, NULL, NULL);
    int err = rc == SQLITE_OK ? 0
              : to.handle     ? set_fault(&to, rc, fault)
                              : fault_set(fault, TGC_ENOMEM, "out of memory");
    sqlite3_close(to.handle);
    return err;
}
