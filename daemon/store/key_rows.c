#include "daemon/store/key_rows.h"

#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/store/put.h"
#include "daemon/store/sealed.h"

const struct store_sealed store_sealed_key = {"keys",
                                              "key_sealed",
                                              2,
                                              "SELECT account_id, dc, key_sealed FROM keys",
                                              "UPDATE keys SET key_sealed = $1 WHERE account_id = $2 AND dc = $3",
                                              NULL};
const struct store_sealed store_sealed_salt = {"keys",
                                               "salt_sealed",
                                               2,
                                               "SELECT account_id, dc, salt_sealed FROM keys",
                                               "UPDATE keys SET salt_sealed = $1 WHERE account_id = $2 AND dc = $3",
                                               NULL};

static int seal_salt(struct store *s, const int64_t *at, uint64_t salt, struct buf *out, struct fault *fault)
{
    uint8_t bytes[8];

    le64_store(bytes, salt);
    int err = store_seal(s, &store_sealed_salt, at, bytes, sizeof(bytes), out, fault);
    explicit_bzero(bytes, sizeof(bytes));
    return err;
}

static int write_key(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    static const char sql[] = "INSERT INTO keys (account_id, dc, key_sealed, salt_sealed) VALUES ($1, $2, $3, $4)"
                              " ON CONFLICT (account_id, dc) DO UPDATE SET key_sealed = excluded.key_sealed, "
                              "salt_sealed = excluded.salt_sealed";
    const struct store_key *k = rows;
    int64_t at[2] = {0, k->dc};
    struct buf key, salt;
    struct db_stmt *st;

    buf_init(&key, LIMIT_STORE_VALUE);
    buf_init(&salt, LIMIT_STORE_VALUE);
    int err = store_own_account_id(s, k->account, &at[0], fault);
    if (!err)
        err = store_seal(s, &store_sealed_key, at, k->key, sizeof(k->key), &key, fault);
    if (!err)
        err = seal_salt(s, at, k->salt, &salt, fault);
    if (!err)
        err = db_prepare(s->db, sql, &st, fault);
    if (!err) {
        db_bind_int(st, 1, at[0]);
        db_bind_int(st, 2, at[1]);
        db_bind_blob(st, 3, key.data, key.len);
        db_bind_blob(st, 4, salt.data, salt.len);
        err = db_run(st, fault);
    }
    buf_fini(&key);
    buf_fini(&salt);
    return err;
}

int store_put_key(struct store_desk *d, const struct store_key *row, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(struct store_key),
                                               .texts = {{offsetof(struct store_key, account), 0}}, .texts_n = 1,
                                               .write = write_key};

    return store_put(d, &kind, NULL, row, 1, done, ctx);
}

struct salt {
    int32_t dc;
    uint64_t salt;
};

static int write_salt(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    const struct salt *row = rows;
    int64_t at[2] = {0, row->dc};
    struct buf salt;
    struct db_stmt *st;

    int err = store_own_account_id(s, account, &at[0], fault);
    if (err)
        return err == TGC_EUNKNOWN ? 0 : err;
    buf_init(&salt, LIMIT_STORE_VALUE);
    err = seal_salt(s, at, row->salt, &salt, fault);
    if (!err)
        err = db_prepare(s->db, store_sealed_salt.update, &st, fault);
    if (!err) {
        db_bind_blob(st, 1, salt.data, salt.len);
        db_bind_int(st, 2, at[0]);
        db_bind_int(st, 3, at[1]);
        err = db_run(st, fault);
    }
    buf_fini(&salt);
    return err;
}

int store_put_salt(struct store_desk *d, const char *account, int32_t dc, uint64_t salt, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(struct salt), .write = write_salt};
    struct salt row = {dc, salt};

    return store_put(d, &kind, account, &row, 1, done, ctx);
}

static int write_drop(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    static const char sql[] = "DELETE FROM keys WHERE account_id = $1 AND dc = $2";
    const int32_t *dc = rows;

    return store_change(s, sql, account, 2, *dc, 0, fault);
}

int store_drop_key(struct store_desk *d, const char *account, int32_t dc, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(int32_t), .write = write_drop};

    return store_put(d, &kind, account, &dc, 1, done, ctx);
}
