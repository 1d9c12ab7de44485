#include "daemon/store/db_internal.h"

void db_close(struct db *db)
{
    if (db)
        db->calls->close(db);
}

enum db_engine db_engine(const struct db *db)
{
    return db->calls->engine;
}

int db_claim(struct db *db, struct fault *fault)
{
    return db->calls->claim(db, fault);
}

int db_recover(struct db *db, bool *ret_committed, struct fault *fault)
{
    return db->calls->recover(db, ret_committed, fault);
}

bool db_is_unsure(const struct db *db)
{
    return db->calls->is_unsure(db);
}

int db_look(struct db *db, struct fault *fault)
{
    return db->calls->look(db, fault);
}

void db_stop_by(struct db *db, const _Atomic int64_t *stop_us)
{
    if (db->calls->stop_by)
        db->calls->stop_by(db, stop_us);
}

int db_exec(struct db *db, const char *sql, struct fault *fault)
{
    return db->calls->exec(db, sql, fault);
}

int db_number(struct db *db, const char *sql, int64_t *ret, struct fault *fault)
{
    return db->calls->number(db, sql, ret, fault);
}

int db_begin(struct db *db, struct fault *fault)
{
    return db->calls->begin(db, fault);
}

int db_commit(struct db *db, struct fault *fault)
{
    return db->calls->commit(db, fault);
}

int db_prepare(struct db *db, const char *sql, struct db_stmt **ret, struct fault *fault)
{
    return db->calls->prepare(db, sql, ret, fault);
}

int db_copy(struct db *db, const char *path, const char *mark, struct fault *fault)
{
    return db->calls->copy(db, path, mark, fault);
}

void db_rollback(struct db *db)
{
    db->calls->rollback(db);
}

void db_bind_int(struct db_stmt *st, int n, int64_t value)
{
    st->db->calls->bind_int(st, n, value);
}

void db_bind_text(struct db_stmt *st, int n, const char *text)
{
    st->db->calls->bind_text(st, n, text);
}

void db_bind_blob(struct db_stmt *st, int n, const void *data, size_t len)
{
    st->db->calls->bind_blob(st, n, data, len);
}

int db_step(struct db_stmt *st, bool *ret_row, struct fault *fault)
{
    return st->db->calls->step(st, ret_row, fault);
}

int db_run(struct db_stmt *st, struct fault *fault)
{
    return st->db->calls->run(st, fault);
}

bool db_is_null(struct db_stmt *st, int n)
{
    return st->db->calls->is_null(st, n);
}

int64_t db_int(struct db_stmt *st, int n)
{
    return st->db->calls->get_int(st, n);
}

const char *db_text(struct db_stmt *st, int n)
{
    return st->db->calls->get_text(st, n);
}

const uint8_t *db_blob(struct db_stmt *st, int n, size_t *ret_len)
{
    return st->db->calls->get_blob(st, n, ret_len);
}

void db_reset(struct db_stmt *st)
{
    if (st)
        st->db->calls->reset(st);
}
