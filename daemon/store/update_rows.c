#include "daemon/store/update_rows.h"

#include "daemon/base/limits.h"
#include "daemon/store/load.h"
#include "daemon/store/put.h"

static int write_state(struct store *s, int64_t account_id, const struct store_update_state *u, struct fault *fault)
{
    static const char put[] =
        "INSERT INTO update_states (account_id, channel_id, pts, qts, date, seq) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (account_id, channel_id) DO UPDATE SET pts = excluded.pts, qts = excluded.qts,"
        " date = excluded.date, seq = excluded.seq";
    static const char drop[] = "DELETE FROM update_states WHERE account_id = $1 AND channel_id = $2";
    struct db_stmt *st;
    int err = db_prepare(s->db, u->pts ? put : drop, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, account_id);
    db_bind_int(st, 2, u->channel_id);
    if (u->pts) {
        db_bind_int(st, 3, u->pts);
        db_bind_int(st, 4, u->qts);
        db_bind_int(st, 5, u->date);
        db_bind_int(st, 6, u->seq);
    }
    return db_run(st, fault);
}

static int write_states(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    const struct store_update_state *list = rows;
    int64_t id;
    int err = store_own_account_id(s, account, &id, fault);

    for (size_t i = 0; !err && i < n; i++)
        err = write_state(s, id, &list[i], fault);
    return err;
}

int store_put_update_states(struct store_desk *d, const char *account, const struct store_update_state *rows, size_t n,
                            store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(struct store_update_state),
                                               .write = write_states};

    return store_put(d, &kind, account, rows, n, done, ctx);
}

static bool fits(int64_t v)
{
    return v >= INT32_MIN && v <= INT32_MAX;
}

static int read_state(struct store *s, struct store_load *l, int64_t account_id, struct db_stmt *st,
                      struct fault *fault)
{
    const int64_t pts = db_int(st, 1), qts = db_int(st, 2), date = db_int(st, 3), seq = db_int(st, 4);

    (void)s, (void)account_id;
    if (pts <= 0 || !fits(pts) || !fits(qts) || !fits(date) || !fits(seq)) {
        l->damaged++;
        return 0;
    }
    struct store_update_state *row = store_rows_add(&l->rows);
    if (!row)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    *row = (struct store_update_state){.channel_id = db_int(st, 0),
                                       .pts = (int32_t)pts,
                                       .qts = (int32_t)qts,
                                       .date = (int32_t)date,
                                       .seq = (int32_t)seq};
    return 0;
}

static int run_load(struct store *s, struct store_op *op, struct fault *fault)
{
    static const char sql[] = "SELECT channel_id, pts, qts, date, seq FROM update_states WHERE account_id = $1"
                              " ORDER BY channel_id LIMIT $2";
    struct store_load *l = (struct store_load *)op;

    l->rows.row_size = sizeof(struct store_update_state);
    return store_load_each(s, l, sql, LIMIT_UPDATE_CHANNELS + 1, read_state, fault);
}

static void complete_load(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;
    store_update_states_fn *loaded = (store_update_states_fn *)l->loaded;

    loaded(l->ctx, op->err, store_op_why(op), op->err ? NULL : l->rows.list, op->err ? 0 : l->rows.n, l->damaged);
}

int store_load_update_states(struct store_desk *d, const char *account, store_update_states_fn *loaded, void *ctx)
{
    static const struct store_kind kind = {.run = run_load, .complete = complete_load, STORE_LOAD};

    return store_load(d, &kind, account, (void (*)(void))loaded, ctx);
}
