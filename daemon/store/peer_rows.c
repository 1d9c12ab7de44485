#include "daemon/store/peer_rows.h"

#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/store/load.h"
#include "daemon/store/put.h"
#include "daemon/store/sealed.h"

const struct store_sealed store_sealed_peer_phone = {
    "peers",
    "phone_sealed",
    3,
    "SELECT account_id, kind, id, phone_sealed FROM peers WHERE phone_sealed IS NOT NULL",
    "UPDATE peers SET phone_sealed = $1 WHERE account_id = $2 AND kind = $3 AND id = $4",
    NULL};

/* --- writes --- */

static int write_peer(struct store *s, int64_t account_id, const struct store_peer *p, int64_t now_us,
                      struct buf *phone, struct fault *fault)
{
    static const char sql[] =
        "INSERT INTO peers (account_id, kind, id, access_hash, is_self, migrated_to, phone_sealed, put_us)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT (account_id, kind, id) DO UPDATE SET access_hash = excluded.access_hash,"
        " is_self = excluded.is_self, migrated_to = excluded.migrated_to, phone_sealed = excluded.phone_sealed,"
        " put_us = excluded.put_us";
    const int64_t at[3] = {account_id, p->kind, p->id};
    struct db_stmt *st;
    int err = db_prepare(s->db, sql, &st, fault);

    buf_reset(phone);
    if (!err && p->phone)
        err = store_seal(s, &store_sealed_peer_phone, at, p->phone, strlen(p->phone), phone, fault);
    if (err)
        return err;
    for (int i = 0; i < 3; i++)
        db_bind_int(st, i + 1, at[i]);
    if (p->has_hash)
        db_bind_int(st, 4, p->access_hash);
    db_bind_int(st, 5, p->is_self);
    db_bind_int(st, 6, p->migrated_to);
    if (p->phone)
        db_bind_blob(st, 7, phone->data, phone->len);
    db_bind_int(st, 8, now_us);
    return db_run(st, fault);
}

/* So many that the client will not load them again. */
static int forget_oldest(struct store *s, int64_t account_id, struct fault *fault)
{
    static const char sql[] = "DELETE FROM peers WHERE account_id = $1 AND put_us < (SELECT put_us FROM peers"
                              " WHERE account_id = $1 ORDER BY put_us DESC LIMIT 1 OFFSET $2)";
    struct db_stmt *st;
    int err = db_prepare(s->db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, account_id);
    db_bind_int(st, 2, LIMIT_PEERS);
    return db_run(st, fault);
}

/* Every LIMIT_PEERS rows or so, somebody's are looked at: an account that puts many is met soon. */
static int maybe_forget(struct store *s, int64_t account_id, size_t n, struct fault *fault)
{
    s->peers_put += n;
    if (s->peers_put < LIMIT_PEERS)
        return 0;
    s->peers_put = 0;
    return forget_oldest(s, account_id, fault);
}

static int write_peers(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    const struct store_peer *list = rows;
    int64_t now_us = clock_wall_us(s->config.clock), id = 0;
    struct buf phone;
    int err = 0;

    buf_init(&phone, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    for (size_t i = 0; !err && i < n; i++) {
        if (i == 0 || strcmp(list[i].account, list[i - 1].account) != 0)
            err = store_own_account_id(s, list[i].account, &id, fault);
        if (!err)
            err = write_peer(s, id, &list[i], now_us, &phone, fault);
    }
    buf_fini(&phone);
    return err ? err : maybe_forget(s, id, n, fault);
}

int store_put_peers(struct store_desk *d, const struct store_peer *rows, size_t n, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {
        STORE_PUT, .row_size = sizeof(struct store_peer),
        .texts = {{offsetof(struct store_peer, account), 0}, {offsetof(struct store_peer, phone), 0}}, .texts_n = 2,
        .write = write_peers};

    return store_put(d, &kind, NULL, rows, n, done, ctx);
}

struct which {
    int64_t kind, id;
};

static int drop_one(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    static const char sql[] = "DELETE FROM peers WHERE account_id = $1 AND kind = $2 AND id = $3";
    const struct which *w = rows;

    return store_change(s, sql, account, 3, w->kind, w->id, fault);
}

int store_drop_peer(struct store_desk *d, const char *account, enum peer_kind kind, int64_t id, store_done_fn *done,
                    void *ctx)
{
    static const struct store_put_kind drop = {STORE_PUT, .row_size = sizeof(struct which), .write = drop_one};
    struct which w = {kind, id};

    return store_put(d, &drop, account, &w, 1, done, ctx);
}

static int drop_all(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    static const char sql[] = "DELETE FROM peers WHERE account_id = $1";

    return store_change(s, sql, account, 1, 0, 0, fault);
}

int store_drop_peers(struct store_desk *d, const char *account, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind drop = {STORE_PUT, .write = drop_all};

    return store_put(d, &drop, account, NULL, 0, done, ctx);
}

/* --- loading --- */

static int read_phone(struct store *s, struct store_load *l, const int64_t *at, struct db_stmt *st, const char **ret,
                      struct fault *fault)
{
    struct buf phone;
    size_t len;
    const uint8_t *sealed = db_blob(st, 5, &len);

    if (db_is_null(st, 5))
        return 0;
    buf_init(&phone, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    int err = store_unseal(s, &store_sealed_peer_phone, at, sealed, len, &phone, fault);
    if (!err && !(*ret = store_load_copy(l, phone.data, phone.len)))
        err = fault_set(fault, TGC_ENOMEM, "out of memory");
    buf_fini_secret(&phone);
    if (err == TGC_EDAMAGED) {
        l->damaged++;
        return 0;
    }
    return err;
}

static int read_peer(struct store *s, struct store_load *l, int64_t account_id, struct db_stmt *st, struct fault *fault)
{
    const int64_t at[3] = {account_id, db_int(st, 0), db_int(st, 1)};

    if (at[1] < PEER_USER || at[1] > PEER_CHANNEL) {
        l->damaged++;
        return 0;
    }
    struct store_peer *p = store_rows_add(&l->rows);
    if (!p)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    *p = (struct store_peer){.account = l->account,
                             .kind = (enum peer_kind)at[1],
                             .id = at[2],
                             .access_hash = db_int(st, 2),
                             .has_hash = !db_is_null(st, 2),
                             .is_self = db_int(st, 3) != 0,
                             .migrated_to = db_int(st, 4)};
    return read_phone(s, l, at, st, &p->phone, fault);
}

static int run_load(struct store *s, struct store_op *op, struct fault *fault)
{
    static const char sql[] =
        "SELECT kind, id, access_hash, is_self, migrated_to, phone_sealed FROM (SELECT * FROM peers"
        " WHERE account_id = $1 ORDER BY put_us DESC, kind DESC, id DESC LIMIT $2) AS newest ORDER BY put_us, kind, id";
    struct store_load *l = (struct store_load *)op;

    l->rows.row_size = sizeof(struct store_peer);
    return store_load_each(s, l, sql, LIMIT_PEERS, read_peer, fault);
}

static void complete_load(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;
    store_peers_fn *loaded = (store_peers_fn *)l->loaded;

    loaded(l->ctx, op->err, store_op_why(op), op->err ? NULL : l->rows.list, op->err ? 0 : l->rows.n, l->damaged);
}

int store_load_peers(struct store_desk *d, const char *account, store_peers_fn *loaded, void *ctx)
{
    static const struct store_kind kind = {.run = run_load, .complete = complete_load, STORE_LOAD};

    return store_load(d, &kind, account, (void (*)(void))loaded, ctx);
}
