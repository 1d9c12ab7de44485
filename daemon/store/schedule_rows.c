#include "daemon/store/schedule_rows.h"

#include "daemon/base/limits.h"
#include "daemon/store/load.h"
#include "daemon/store/put.h"

/* --- writes --- */

static int write_schedule(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    static const char sql[] =
        "INSERT INTO schedules (id, account_id, name, spec, cursor, phase, at, started_at, call_id, turn, skipped_at,"
        " order_text, last) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, spec = excluded.spec, cursor = excluded.cursor, phase = "
        "excluded.phase,"
        " at = excluded.at, started_at = excluded.started_at, call_id = excluded.call_id, turn = excluded.turn,"
        " skipped_at = excluded.skipped_at, order_text = excluded.order_text, last = excluded.last";
    const struct store_schedule *r = rows;
    struct db_stmt *st;
    int64_t account_id;
    int err = store_own_account_id(s, r->account, &account_id, fault);

    (void)account, (void)n;
    if (!err)
        err = db_prepare(s->db, sql, &st, fault);
    if (err)
        return err;
    db_bind_int(st, 1, r->id);
    db_bind_int(st, 2, account_id);
    db_bind_text(st, 3, r->name);
    db_bind_text(st, 4, r->spec);
    db_bind_int(st, 5, r->cursor);
    db_bind_int(st, 6, r->phase);
    db_bind_int(st, 7, r->at);
    db_bind_int(st, 8, r->started_at);
    db_bind_int(st, 9, r->call_id);
    db_bind_int(st, 10, r->turn);
    db_bind_int(st, 11, r->skipped_at);
    db_bind_text(st, 12, r->order);
    db_bind_text(st, 13, r->last);
    return db_run(st, fault);
}

int store_put_schedule(struct store_desk *d, const struct store_schedule *row, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(struct store_schedule),
                                               .texts = {{offsetof(struct store_schedule, account), 0},
                                                         {offsetof(struct store_schedule, name), 0},
                                                         {offsetof(struct store_schedule, spec), 0},
                                                         {offsetof(struct store_schedule, order), 0},
                                                         {offsetof(struct store_schedule, last), 0}},
                                               .texts_n = 5, .write = write_schedule};

    return store_put(d, &kind, NULL, row, 1, done, ctx);
}

static int drop_one(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    struct db_stmt *st;
    int err = db_prepare(s->db, "DELETE FROM schedules WHERE id = $1", &st, fault);

    (void)account, (void)n;
    if (err)
        return err;
    db_bind_int(st, 1, *(const int64_t *)rows);
    return db_run(st, fault);
}

int store_drop_schedule(struct store_desk *d, int64_t id, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(int64_t), .write = drop_one};

    return store_put(d, &kind, NULL, &id, 1, done, ctx);
}

/* --- loading --- */

static int read_schedule(struct store *s, struct store_load *l, int64_t account_id, struct db_stmt *st,
                         struct fault *fault)
{
    struct store_schedule r = {.account = l->account,
                               .id = db_int(st, 0),
                               .cursor = db_int(st, 3),
                               .phase = (int)db_int(st, 4),
                               .at = db_int(st, 5),
                               .started_at = db_int(st, 6),
                               .call_id = db_int(st, 7),
                               .turn = db_int(st, 8),
                               .skipped_at = db_int(st, 9)};
    int err = store_load_text(l, st, 1, &r.name, fault);

    (void)s, (void)account_id;
    if (!err)
        err = store_load_text(l, st, 2, &r.spec, fault);
    if (!err)
        err = store_load_text(l, st, 10, &r.order, fault);
    if (!err)
        err = store_load_text(l, st, 11, &r.last, fault);
    struct store_schedule *row = err ? NULL : store_rows_add(&l->rows);
    if (!row)
        return err ? err : fault_set(fault, TGC_ENOMEM, "out of memory");
    *row = r;
    return 0;
}

static int run_load(struct store *s, struct store_op *op, struct fault *fault)
{
    static const char sql[] =
        "SELECT id, name, spec, cursor, phase, at, started_at, call_id, turn, skipped_at, order_text, last"
        " FROM schedules WHERE account_id = $1 ORDER BY name LIMIT $2";
    struct store_load *l = (struct store_load *)op;

    l->rows.row_size = sizeof(struct store_schedule);
    return store_load_each(s, l, sql, LIMIT_SCHEDULES, read_schedule, fault);
}

static void complete_load(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;
    store_schedules_fn *loaded = (store_schedules_fn *)l->loaded;

    loaded(l->ctx, op->err, store_op_why(op), op->err ? NULL : l->rows.list, op->err ? 0 : l->rows.n);
}

int store_load_schedules(struct store_desk *d, const char *account, store_schedules_fn *loaded, void *ctx)
{
    static const struct store_kind kind = {.run = run_load, .complete = complete_load, STORE_LOAD};

    return store_load(d, &kind, account, (void (*)(void))loaded, ctx);
}
