#include "daemon/store/flood_rows.h"

#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/store/load.h"
#include "daemon/store/put.h"
#include "daemon/store/sealed.h"

const struct store_sealed store_sealed_flood_phone = {
    "floods",
    "phone_sealed",
    2,
    "SELECT account_id, position, phone_sealed FROM floods WHERE phone_sealed IS NOT NULL",
    "UPDATE floods SET phone_sealed = $1 WHERE account_id = $2 AND position = $3",
    NULL};

/* --- writes --- */

static int write_flood(struct store *s, const int64_t *at, const struct store_flood *f, struct buf *phone,
                       struct fault *fault)
{
    static const char sql[] =
        "INSERT INTO floods (account_id, position, method, peer_kind, peer_id, of_peer,"
        " phone_sealed, code, family, until_wall_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    bool has_phone = f->phone && f->phone[0];
    struct db_stmt *st;
    int err = db_prepare(s->db, sql, &st, fault);

    if (!err && has_phone)
        err = store_seal(s, &store_sealed_flood_phone, at, f->phone, strlen(f->phone), phone, fault);
    if (err)
        return err;
    db_bind_int(st, 1, at[0]);
    db_bind_int(st, 2, at[1]);
    db_bind_text(st, 3, f->method ? f->method : "");
    if (f->has_peer) {
        db_bind_int(st, 4, f->kind);
        db_bind_int(st, 5, f->peer_id);
    }
    db_bind_int(st, 6, f->of_peer);
    if (has_phone)
        db_bind_blob(st, 7, phone->data, phone->len);
    db_bind_int(st, 8, f->code);
    db_bind_text(st, 9, f->family);
    db_bind_int(st, 10, f->until_wall_us);
    return db_run(st, fault);
}

static int write_floods(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    static const char sql[] = "DELETE FROM floods WHERE account_id = $1";
    const struct store_flood *list = rows;
    int64_t at[2];
    struct buf phone;
    int err = store_own_account_id(s, account, &at[0], fault);

    if (!err)
        err = store_change(s, sql, account, 1, 0, 0, fault);
    buf_init(&phone, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    for (size_t i = 0; !err && i < n; i++) {
        at[1] = (int64_t)i;
        err = write_flood(s, at, &list[i], &phone, fault);
    }
    buf_fini(&phone);
    return err;
}

int store_put_floods(struct store_desk *d, const char *account, const struct store_flood *rows, size_t n,
                     store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(struct store_flood),
                                               .texts = {{offsetof(struct store_flood, method), 0},
                                                         {offsetof(struct store_flood, phone), 0},
                                                         {offsetof(struct store_flood, family), 0}},
                                               .texts_n = 3, .write = write_floods};

    return store_put(d, &kind, account, rows, n, done, ctx);
}

/* --- loading --- */

/* *RET_IS_GOOD: the phone, if there is one, is in *RET. */
static int read_phone(struct store *s, struct store_load *l, const int64_t *at, struct db_stmt *st, const char **ret,
                      bool *ret_is_good, struct fault *fault)
{
    struct buf phone;
    size_t len;
    const uint8_t *sealed = db_blob(st, 5, &len);

    *ret_is_good = true;
    if (db_is_null(st, 5))
        return 0;
    buf_init(&phone, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    int err = store_unseal(s, &store_sealed_flood_phone, at, sealed, len, &phone, fault);
    if (!err && !(*ret = store_load_copy(l, phone.data, phone.len)))
        err = fault_set(fault, TGC_ENOMEM, "out of memory");
    buf_fini_secret(&phone);
    *ret_is_good = !err;
    return err == TGC_EDAMAGED ? 0 : err;
}

static int read_flood(struct store *s, struct store_load *l, int64_t account_id, struct db_stmt *st,
                      struct fault *fault)
{
    const int64_t at[2] = {account_id, db_int(st, 0)}, kind = db_int(st, 2);
    struct store_flood f = {.account = l->account,
                            .has_peer = !db_is_null(st, 2),
                            .kind = (enum peer_kind)kind,
                            .peer_id = db_int(st, 3),
                            .of_peer = db_int(st, 4) != 0,
                            .code = (int32_t)db_int(st, 6),
                            .until_wall_us = db_int(st, 8)};
    bool is_good;
    int err = read_phone(s, l, at, st, &f.phone, &is_good, fault);

    if (!err && (!is_good || (f.has_peer && (kind < PEER_USER || kind > PEER_CHANNEL)))) {
        l->damaged++;
        return 0;
    }
    if (!err)
        err = store_load_text(l, st, 1, &f.method, fault);
    if (!err)
        err = store_load_text(l, st, 7, &f.family, fault);
    struct store_flood *row = err ? NULL : store_rows_add(&l->rows);
    if (!row)
        return err ? err : fault_set(fault, TGC_ENOMEM, "out of memory");
    *row = f;
    return 0;
}

static int run_load(struct store *s, struct store_op *op, struct fault *fault)
{
    static const char sql[] = "SELECT position, method, peer_kind, peer_id, of_peer, phone_sealed, code, family,"
                              " until_wall_us FROM floods WHERE account_id = $1 ORDER BY position LIMIT $2";
    struct store_load *l = (struct store_load *)op;

    l->rows.row_size = sizeof(struct store_flood);
    return store_load_each(s, l, sql, LIMIT_FLOODS_LOADED, read_flood, fault);
}

static void complete_load(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;
    store_floods_fn *loaded = (store_floods_fn *)l->loaded;

    loaded(l->ctx, op->err, store_op_why(op), op->err ? NULL : l->rows.list, op->err ? 0 : l->rows.n, l->damaged);
}

int store_load_floods(struct store_desk *d, const char *account, store_floods_fn *loaded, void *ctx)
{
    static const struct store_kind kind = {.run = run_load, .complete = complete_load, STORE_LOAD};

    return store_load(d, &kind, account, (void (*)(void))loaded, ctx);
}
