#include "daemon/store/db_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "daemon/base/limits.h"

struct file_stmt {
    struct db_stmt stmt;
    const char *sql;
    sqlite3_stmt *handle;
    int rc;                       /* the first error of a bind */
    uint8_t index[DB_PARAMS_MAX]; /* SQLite numbers names as they come: $N is index[N] */
};

struct file {
    struct db db;
    sqlite3 *handle;
    struct file_stmt kept[DB_STATEMENTS_MAX];
    size_t kept_n;
};

static const struct db_calls calls;

static struct file *file_of(struct db *db)
{
    return (struct file *)db;
}

static struct file_stmt *stmt_of(struct db_stmt *st)
{
    return (struct file_stmt *)st;
}

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
static int last_errno(struct file *f)
{
    sqlite3_file *journal = NULL;
    int error = sqlite3_system_errno(f->handle);

    if (!error)
        sqlite3_file_control(f->handle, "main", SQLITE_FCNTL_LAST_ERRNO, &error);
    if (!error)
        sqlite3_file_control(f->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal);
    if (journal && journal->pMethods)
        journal->pMethods->xFileControl(journal, SQLITE_FCNTL_LAST_ERRNO, &error);
    return error;
}

static int set_fault(struct file *f, int rc, struct fault *fault)
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
        return fault_set(fault, TGC_EEXIST, "the database refuses the row: %s", sqlite3_errmsg(f->handle));
    case SQLITE_TOOBIG:
        return fault_set(fault, TGC_ELIMIT, "a value is too long for the database");
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        error = last_errno(f);
        if (error)
            return set_system_error(error, fault);
        break;
    default:
        break;
    }
    return fault_set(fault, TGC_ESYSTEM, "the database fails: %s", sqlite3_errmsg(f->handle));
}

/* --- open and close --- */

static int exec(struct db *db, const char *sql, struct fault *fault)
{
    struct file *f = file_of(db);
    int rc = sqlite3_exec(f->handle, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? 0 : set_fault(f, rc, fault);
}

static void close_file(struct db *db)
{
    struct file *f = file_of(db);

    for (size_t i = 0; i < f->kept_n; i++)
        sqlite3_finalize(f->kept[i].handle);
    sqlite3_close(f->handle);
    free(f);
}

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
    struct file *f = calloc(1, sizeof(*f));
    if (!f)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    f->db.calls = &calls;
    int rc =
        sqlite3_open_v2(path, &f->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (rc != SQLITE_OK)
        err = f->handle ? set_fault(f, rc, fault) : fault_set(fault, TGC_ENOMEM, "out of memory");
    else if (sqlite3_db_readonly(f->handle, "main") == 1)
        err = set_system_error(EACCES, fault);
    else
        err = exec(&f->db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON",
                   fault);
    if (err) {
        close_file(&f->db);
        return err;
    }
    *ret = &f->db;
    return 0;
}

/* What is deleted is overwritten; and the lock is taken by the first write. */
static int claim(struct db *db, struct fault *fault)
{
    sqlite3_limit(file_of(db)->handle, SQLITE_LIMIT_LENGTH, LIMIT_STORE_VALUE + (64 << 10));
    int err = exec(db, "PRAGMA journal_mode = WAL", fault);
    if (!err)
        err = exec(db,
                   "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 4194304; PRAGMA foreign_keys = ON; "
                   "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; BEGIN IMMEDIATE; COMMIT",
                   fault);
    return err;
}

/* A file is never away. */
static int recover(struct db *db, bool *ret_committed, struct fault *fault)
{
    (void)db, (void)fault;
    *ret_committed = false;
    return 0;
}

static bool is_unsure(const struct db *db)
{
    (void)db;
    return false;
}

static int look(struct db *db, struct fault *fault)
{
    (void)db, (void)fault;
    return 0;
}

/* --- statements --- */

static int number(struct db *db, const char *sql, int64_t *ret, struct fault *fault)
{
    struct file *f = file_of(db);
    sqlite3_stmt *st;
    int rc = sqlite3_prepare_v2(f->handle, sql, -1, &st, NULL);

    if (rc == SQLITE_OK) {
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
            *ret = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
            rc = SQLITE_OK;
        }
        sqlite3_finalize(st);
    }
    return rc == SQLITE_OK ? 0 : set_fault(f, rc, fault);
}

static int begin(struct db *db, struct fault *fault)
{
    return exec(db, "BEGIN IMMEDIATE", fault);
}

static int commit(struct db *db, struct fault *fault)
{
    return exec(db, "COMMIT", fault);
}

/* Some failures have rolled back already. */
static void rollback(struct db *db)
{
    sqlite3 *handle = file_of(db)->handle;

    if (!sqlite3_get_autocommit(handle))
        sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
}

static int find_params(struct file_stmt *st, struct fault *fault)
{
    for (int n = 1; n <= sqlite3_bind_parameter_count(st->handle); n++) {
        char name[16];
        snprintf(name, sizeof(name), "$%d", n);
        int index = sqlite3_bind_parameter_index(st->handle, name);
        if (n >= DB_PARAMS_MAX || !index)
            return fault_set(fault, TGC_EINVAL, "a statement's parameters are not $1, $2, …: %s", st->sql);
        st->index[n] = (uint8_t)index;
    }
    return 0;
}

static int prepare(struct db *db, const char *sql, struct db_stmt **ret, struct fault *fault)
{
    struct file *f = file_of(db);
    struct file_stmt *st = NULL;

    for (size_t i = 0; i < f->kept_n && !st; i++)
        if (f->kept[i].sql == sql)
            st = &f->kept[i];
    if (!st) {
        if (f->kept_n == DB_STATEMENTS_MAX)
            return fault_set(fault, TGC_ELIMIT, "there are more statements than are kept");
        st = &f->kept[f->kept_n];
        *st = (struct file_stmt){.stmt = {.db = db}, .sql = sql};
        int rc = sqlite3_prepare_v3(f->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &st->handle, NULL);
        if (rc != SQLITE_OK)
            return set_fault(f, rc, fault);
        int err = find_params(st, fault);
        if (err) {
            sqlite3_finalize(st->handle);
            return err;
        }
        f->kept_n++;
    }
    *ret = &st->stmt;
    return 0;
}

static void note(struct file_stmt *st, int rc)
{
    if (st->rc == SQLITE_OK)
        st->rc = rc;
}

static void bind_int(struct db_stmt *stmt, int n, int64_t value)
{
    struct file_stmt *st = stmt_of(stmt);

    note(st, sqlite3_bind_int64(st->handle, st->index[n], value));
}

static void bind_text(struct db_stmt *stmt, int n, const char *text)
{
    struct file_stmt *st = stmt_of(stmt);

    note(st, sqlite3_bind_text(st->handle, st->index[n], text, -1, SQLITE_STATIC));
}

static void bind_blob(struct db_stmt *stmt, int n, const void *data, size_t len)
{
    struct file_stmt *st = stmt_of(stmt);

    note(st, sqlite3_bind_blob64(st->handle, st->index[n], data, len, SQLITE_STATIC));
}

static void reset(struct db_stmt *stmt)
{
    struct file_stmt *st = stmt_of(stmt);

    sqlite3_reset(st->handle);
    sqlite3_clear_bindings(st->handle);
    st->rc = SQLITE_OK;
}

static int step(struct db_stmt *stmt, bool *ret_row, struct fault *fault)
{
    struct file_stmt *st = stmt_of(stmt);
    int rc = st->rc != SQLITE_OK ? st->rc : sqlite3_step(st->handle), err = 0;

    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        err = set_fault(file_of(stmt->db), rc, fault);
    if (rc != SQLITE_ROW)
        reset(stmt);
    if (!err)
        *ret_row = rc == SQLITE_ROW;
    return err;
}

static int run(struct db_stmt *stmt, struct fault *fault)
{
    bool row = false;
    int err = step(stmt, &row, fault);

    if (row)
        reset(stmt);
    return err;
}

static bool is_null(struct db_stmt *stmt, int n)
{
    return sqlite3_column_type(stmt_of(stmt)->handle, n) == SQLITE_NULL;
}

static int64_t get_int(struct db_stmt *stmt, int n)
{
    return sqlite3_column_int64(stmt_of(stmt)->handle, n);
}

static const char *get_text(struct db_stmt *stmt, int n)
{
    return (const char *)sqlite3_column_text(stmt_of(stmt)->handle, n);
}

static const uint8_t *get_blob(struct db_stmt *stmt, int n, size_t *ret_len)
{
    sqlite3_stmt *handle = stmt_of(stmt)->handle;
    const uint8_t *data = sqlite3_column_blob(handle, n);

    *ret_len = data ? (size_t)sqlite3_column_bytes(handle, n) : 0;
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
static int copy(struct db *db, const char *path, const char *mark, struct fault *fault)
{
    struct file to = {.handle = NULL};
    int rc =
        sqlite3_open_v2(path, &to.handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_exec(to.handle, "PRAGMA journal_mode = OFF; PRAGMA synchronous = FULL", NULL, NULL, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_backup *backup = sqlite3_backup_init(to.handle, "main", file_of(db)->handle, "main");
        if (backup) {
            /* That it is not all is no error of the whole to SQLite, where somebody else holds a lock. */
            int step = sqlite3_backup_step(backup, -1);
            rc = sqlite3_backup_finish(backup);
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

static const struct db_calls calls = {.engine = DB_SQLITE,
                                      .close = close_file,
                                      .claim = claim,
                                      .recover = recover,
                                      .is_unsure = is_unsure,
                                      .look = look,
                                      .exec = exec,
                                      .number = number,
                                      .begin = begin,
                                      .commit = commit,
                                      .rollback = rollback,
                                      .prepare = prepare,
                                      .bind_int = bind_int,
                                      .bind_text = bind_text,
                                      .bind_blob = bind_blob,
                                      .step = step,
                                      .run = run,
                                      .reset = reset,
                                      .is_null = is_null,
                                      .get_int = get_int,
                                      .get_text = get_text,
                                      .get_blob = get_blob,
                                      .copy = copy};
