#include "daemon/store/delivery_rows.h"

#include "daemon/store/event_tally.h"
#include "daemon/store/load.h"
#include "daemon/store/put.h"

/* --- writes --- */

static int run_for(struct store *s, const char *sql, int64_t first, int64_t second, struct fault *fault)
{
    struct db_stmt *st;
    int err = db_prepare(s->db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, first);
    db_bind_int(st, 2, second);
    return db_run(st, fault);
}

static int write_delivery(struct store *s, const struct store_delivery *d, struct fault *fault)
{
    static const char sql[] =
        "INSERT INTO hook_deliveries (hook_id, n, event_id, number, at_us, took_ms, status, state,"
        " error) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 FROM hooks WHERE id = $1 AND state >= 0"
        " ON CONFLICT (hook_id, n) DO NOTHING";
    struct db_stmt *st;
    int err = db_prepare(s->db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, d->hook_id);
    db_bind_int(st, 2, d->n);
    db_bind_int(st, 3, d->event_id);
    db_bind_int(st, 4, d->number);
    db_bind_int(st, 5, d->at_us);
    db_bind_int(st, 6, d->took_ms);
    db_bind_int(st, 7, d->status);
    db_bind_int(st, 8, d->state);
    db_bind_text(st, 9, d->error);
    err = db_run(st, fault);
    if (!err && d->n > STORE_DELIVERIES_MAX)
        err = run_for(s, "DELETE FROM hook_deliveries WHERE hook_id = $1 AND n <= $2", d->hook_id,
                      d->n - STORE_DELIVERIES_MAX, fault);
    return err;
}

/* Deliveries of events that the log dropped go from the front: only as far as one is met whose event is there. What
 * was sent again since stays until then. */
static int drop_with_events(struct store *s, int64_t hook_id, struct fault *fault)
{
    static const char sql[] =
        "DELETE FROM hook_deliveries WHERE hook_id = $1 AND n < coalesce((SELECT n FROM hook_deliveries"
        " WHERE hook_id = $1 AND event_id > $2 ORDER BY n LIMIT 1), 0)";
    struct event_tally tally;
    int err = event_tally_read(s, &tally, fault);

    return err || !tally.dropped ? err : run_for(s, sql, hook_id, tally.dropped, fault);
}

static int write_deliveries(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    const struct store_delivery *list = rows;
    int err = 0;

    (void)account;
    for (size_t i = 0; !err && i < n; i++)
        err = write_delivery(s, &list[i], fault);
    /* Those of one hook stand together as a rule: each is looked after once a put. */
    for (size_t i = 0; !err && i < n; i++)
        if (i + 1 == n || list[i].hook_id != list[i + 1].hook_id)
            err = drop_with_events(s, list[i].hook_id, fault);
    return err;
}

int store_put_deliveries(struct store_desk *d, const struct store_delivery *rows, size_t n, store_done_fn *done,
                         void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(struct store_delivery),
                                               .texts = {{offsetof(struct store_delivery, error), 0}}, .texts_n = 1,
                                               .write = write_deliveries};

    return store_put(d, &kind, NULL, rows, n, done, ctx);
}

static int write_again(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    static const char sql[] = "INSERT INTO hook_again (hook_id, event_id) SELECT $1, $2 FROM hooks"
                              " WHERE id = $1 AND state >= 0 ON CONFLICT (hook_id, event_id) DO NOTHING";
    const struct store_again *row = rows;

    (void)account, (void)n;
    return run_for(s, sql, row->hook_id, row->event_id, fault);
}

int store_put_again(struct store_desk *d, int64_t hook_id, int64_t event_id, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(struct store_again), .write = write_again};
    const struct store_again row = {hook_id, event_id};

    return store_put(d, &kind, NULL, &row, 1, done, ctx);
}

static int write_end(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    const struct store_again *list = rows;
    int err = 0;

    (void)account;
    for (size_t i = 0; !err && i < n; i++)
        err = run_for(s, "DELETE FROM hook_again WHERE hook_id = $1 AND event_id = $2", list[i].hook_id,
                      list[i].event_id, fault);
    return err;
}

int store_end_again(struct store_desk *d, const struct store_again *rows, size_t n, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(struct store_again), .write = write_end};

    return store_put(d, &kind, NULL, rows, n, done, ctx);
}

/* --- loading --- */

static int step_through(struct store_load *l, struct db_stmt *st,
                        int (*add)(struct store_load *l, struct db_stmt *st, struct fault *fault), struct fault *fault)
{
    bool more = true;
    int err = 0;

    while (!err && more) {
        err = db_step(st, &more, fault);
        if (!err && more)
            err = add(l, st, fault);
    }
    db_reset(st);
    return err;
}

static int add_delivery(struct store_load *l, struct db_stmt *st, struct fault *fault)
{
    struct store_delivery *d = store_rows_add(&l->rows);

    if (!d)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    *d = (struct store_delivery){.hook_id = l->of,
                                 .n = db_int(st, 0),
                                 .event_id = db_int(st, 1),
                                 .number = db_int(st, 2),
                                 .at_us = db_int(st, 3),
                                 .took_ms = db_int(st, 4),
                                 .status = db_int(st, 5),
                                 .state = db_int(st, 6)};
    return store_load_text(l, st, 7, &d->error, fault);
}

/* Of one that is gone there are none to be read. */
#define IS_THERE " AND (SELECT state FROM hooks WHERE id = $1) >= 0"

static int run_load(struct store *s, struct store_op *op, struct fault *fault)
{
    static const char any[] = "SELECT n, event_id, number, at_us, took_ms, status, state, error FROM hook_deliveries"
                              " WHERE hook_id = $1 AND n < $2" IS_THERE " ORDER BY n DESC LIMIT $3";
    static const char delivered[] =
        "SELECT n, event_id, number, at_us, took_ms, status, state, error FROM hook_deliveries"
        " WHERE hook_id = $1 AND n < $2" IS_THERE " AND state = 0 ORDER BY n DESC LIMIT $3";
    static const char troubled[] =
        "SELECT n, event_id, number, at_us, took_ms, status, state, error FROM hook_deliveries"
        " WHERE hook_id = $1 AND n < $2" IS_THERE " AND state = $4 AND state > 0 ORDER BY n DESC LIMIT $3";
    struct store_load *l = (struct store_load *)op;
    struct db_stmt *st;

    l->rows.row_size = sizeof(struct store_delivery);
    int err = db_prepare(s->db, l->which < 0 ? any : l->which == STORE_DELIVERED ? delivered : troubled, &st, fault);
    if (err)
        return err;
    db_bind_int(st, 1, l->of);
    db_bind_int(st, 2, l->until);
    db_bind_int(st, 3, l->limit);
    if (l->which > STORE_DELIVERED)
        db_bind_int(st, 4, l->which);
    return step_through(l, st, add_delivery, fault);
}

static void complete_load(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;
    store_deliveries_fn *loaded = (store_deliveries_fn *)l->loaded;

    loaded(l->ctx, op->err, store_op_why(op), op->err ? NULL : l->rows.list, op->err ? 0 : l->rows.n);
}

int store_load_deliveries(struct store_desk *d, int64_t hook_id, int state, int64_t before, size_t limit,
                          store_deliveries_fn *loaded, void *ctx)
{
    static const struct store_kind kind = {.run = run_load, .complete = complete_load, STORE_LOAD};
    const struct store_part part = {.of = hook_id,
                                    .until = before,
                                    .limit =
                                        limit < STORE_DELIVERIES_PAGE_MAX ? (int64_t)limit : STORE_DELIVERIES_PAGE_MAX,
                                    .which = state};

    return store_load_part(d, &kind, &part, (void (*)(void))loaded, ctx);
}

/* --- what is sent again --- */

static int add_id(struct store_load *l, struct db_stmt *st, struct fault *fault)
{
    int64_t *id = store_rows_add(&l->rows);

    if (!id)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    *id = db_int(st, 0);
    return 0;
}

static int run_load_again(struct store *s, struct store_op *op, struct fault *fault)
{
    struct store_load *l = (struct store_load *)op;
    struct db_stmt *st;

    l->rows.row_size = sizeof(int64_t);
    int err =
        db_prepare(s->db, "SELECT event_id FROM hook_again WHERE hook_id = $1 ORDER BY event_id LIMIT $2", &st, fault);
    if (err)
        return err;
    db_bind_int(st, 1, l->of);
    db_bind_int(st, 2, l->limit);
    return step_through(l, st, add_id, fault);
}

static void complete_again(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;
    store_again_fn *loaded = (store_again_fn *)l->loaded;

    loaded(l->ctx, op->err, store_op_why(op), op->err ? NULL : l->rows.list, op->err ? 0 : l->rows.n);
}

int store_load_again(struct store_desk *d, int64_t hook_id, size_t limit, store_again_fn *loaded, void *ctx)
{
    static const struct store_kind kind = {.run = run_load_again, .complete = complete_again, STORE_LOAD};
    const struct store_part part = {.of = hook_id, .limit = (int64_t)limit};

    return store_load_part(d, &kind, &part, (void (*)(void))loaded, ctx);
}

static int run_part(struct store *s, const char *sql, const struct store_load *l, struct fault *fault)
{
    struct db_stmt *st;
    int err = db_prepare(s->db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, l->of);
    db_bind_int(st, 2, l->after);
    db_bind_int(st, 3, l->until);
    return db_run(st, fault);
}

static int run_mark(struct store *s, struct store_op *op, struct fault *fault)
{
    static const char tried[] =
        "INSERT INTO hook_again (hook_id, event_id) SELECT DISTINCT hook_id, event_id FROM hook_deliveries"
        " WHERE hook_id = $1 AND event_id > $2 AND event_id <= $3 AND event_id > 0"
        " ON CONFLICT (hook_id, event_id) DO NOTHING";
    static const char failed[] =
        "INSERT INTO hook_again (hook_id, event_id) SELECT DISTINCT hook_id, event_id FROM hook_deliveries"
        " WHERE hook_id = $1 AND state = 2 AND event_id > $2 AND event_id <= $3 AND event_id > 0"
        " ON CONFLICT (hook_id, event_id) DO NOTHING";
    static const char not_failed[] = "UPDATE hook_deliveries SET state = 1 WHERE hook_id = $1 AND state = 2"
                                     " AND event_id > $2 AND event_id <= $3";
    static const char count_tried[] =
        "SELECT count(*) FROM hook_again WHERE hook_id = $1 AND event_id > $2 AND event_id <= $3";
    static const char count_failed[] =
        "SELECT count(DISTINCT event_id) FROM hook_deliveries"
        " WHERE hook_id = $1 AND state = 2 AND event_id > $2 AND event_id <= $3 AND event_id > 0";
    struct store_load *l = (struct store_load *)op;
    struct db_stmt *st;
    bool row = false;
    int err = run_part(s, l->which ? failed : tried, l, fault);

    /* Before they are no failures any more. */
    if (!err)
        err = db_prepare(s->db, l->which ? count_failed : count_tried, &st, fault);
    if (err)
        return err;
    db_bind_int(st, 1, l->of);
    db_bind_int(st, 2, l->after);
    db_bind_int(st, 3, l->until);
    err = db_step(st, &row, fault);
    if (!err && row)
        l->dropped = db_int(st, 0);
    db_reset(st);
    return err ? err : run_part(s, not_failed, l, fault);
}

static void complete_mark(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;
    store_again_fn *marked = (store_again_fn *)l->loaded;

    marked(l->ctx, op->err, store_op_why(op), NULL, op->err ? 0 : (size_t)l->dropped);
}

int store_mark_again(struct store_desk *d, int64_t hook_id, int64_t after, int64_t until, bool failed_only,
                     store_again_fn *marked, void *ctx)
{
    static const struct store_kind kind = {.run = run_mark, .complete = complete_mark, STORE_LOAD, .writes = true};
    const struct store_part part = {.of = hook_id, .after = after, .until = until, .which = failed_only};

    return store_load_part(d, &kind, &part, (void (*)(void))marked, ctx);
}
