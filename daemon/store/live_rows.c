#include "daemon/store/live_rows.h"

#include "daemon/base/limits.h"
#include "daemon/store/load.h"
#include "daemon/store/put.h"
#include "daemon/store/sealed.h"

const struct store_sealed store_sealed_live = {
    "live",
    "wish_sealed",
    3,
    "SELECT account_id, peer_kind, peer_id, wish_sealed FROM live",
    "UPDATE live SET wish_sealed = $1 WHERE account_id = $2 AND peer_kind = $3 AND peer_id = $4",
    NULL};

/* --- writes --- */

static int run_put(struct store *s, const int64_t at[static 3], const struct buf *wish, struct fault *fault)
{
    static const char sql[] = "INSERT INTO live (account_id, peer_kind, peer_id, wish_sealed) VALUES ($1, $2, $3, $4)"
                              " ON CONFLICT (account_id, peer_kind, peer_id) DO UPDATE SET"
                              " wish_sealed = excluded.wish_sealed";
    struct db_stmt *st;
    int err = db_prepare(s->db, sql, &st, fault);

    if (err)
        return err;
    for (int i = 0; i < 3; i++)
        db_bind_int(st, i + 1, at[i]);
    db_bind_blob(st, 4, wish->data, wish->len);
    return db_run(st, fault);
}

static int write_wish(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    const struct store_live *row = rows;
    int64_t at[3] = {0, row->peer_kind, row->peer_id};
    struct buf wish;
    int err = store_own_account_id(s, row->account, &at[0], fault);

    (void)account, (void)n;
    buf_init(&wish, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    if (!err)
        err = store_seal(s, &store_sealed_live, at, row->wish, row->wish_len, &wish, fault);
    if (!err)
        err = run_put(s, at, &wish, fault);
    buf_fini(&wish);
    return err;
}

int store_put_live(struct store_desk *d, const struct store_live *row, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {
        STORE_PUT, .row_size = sizeof(struct store_live),
        .texts = {{offsetof(struct store_live, account), 0},
                  {offsetof(struct store_live, wish), offsetof(struct store_live, wish_len)}},
        .texts_n = 2, .write = write_wish};

    return store_put(d, &kind, NULL, row, 1, done, ctx);
}

static int drop_one(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    static const char sql[] = "DELETE FROM live WHERE account_id = $1 AND peer_kind = $2 AND peer_id = $3";
    const int64_t *peer = rows;

    (void)n;
    return store_change(s, sql, account, 3, peer[0], peer[1], fault);
}

int store_drop_live(struct store_desk *d, const char *account, enum peer_kind kind, int64_t peer_id,
                    store_done_fn *done, void *ctx)
{
    static const struct store_put_kind put_kind = {STORE_PUT, .row_size = 2 * sizeof(int64_t), .write = drop_one};
    const int64_t peer[2] = {kind, peer_id};

    return store_put(d, &put_kind, account, peer, 1, done, ctx);
}

/* --- loading --- */

static int read_wish(struct store *s, struct store_load *l, int64_t account_id, struct db_stmt *st, struct fault *fault)
{
    const int64_t at[3] = {account_id, db_int(st, 0), db_int(st, 1)};
    struct store_live *row = store_rows_add(&l->rows);
    struct buf wish;
    size_t len;
    const uint8_t *sealed = db_blob(st, 2, &len);

    if (!row)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    *row = (struct store_live){.account = l->account, .peer_kind = (enum peer_kind)at[1], .peer_id = at[2]};
    buf_init(&wish, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    int err = store_unseal(s, &store_sealed_live, at, sealed, len, &wish, fault);
    row->wish_len = wish.len;
    if (!err && !(row->wish = store_load_copy(l, wish.data, wish.len)))
        err = fault_set(fault, TGC_ENOMEM, "out of memory");
    buf_fini_secret(&wish);
    return err == TGC_EDAMAGED ? 0 : err;
}

static int run_load(struct store *s, struct store_op *op, struct fault *fault)
{
    static const char sql[] = "SELECT peer_kind, peer_id, wish_sealed FROM live WHERE account_id = $1"
                              " ORDER BY peer_kind, peer_id LIMIT $2";
    struct store_load *l = (struct store_load *)op;

    l->rows.row_size = sizeof(struct store_live);
    return store_load_each(s, l, sql, LIMIT_LIVE, read_wish, fault);
}

static void complete_load(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;
    store_live_fn *loaded = (store_live_fn *)l->loaded;

    loaded(l->ctx, op->err, store_op_why(op), op->err ? NULL : l->rows.list, op->err ? 0 : l->rows.n);
}

int store_load_live(struct store_desk *d, const char *account, store_live_fn *loaded, void *ctx)
{
    static const struct store_kind kind = {.run = run_load, .complete = complete_load, STORE_LOAD};

    return store_load(d, &kind, account, (void (*)(void))loaded, ctx);
}
