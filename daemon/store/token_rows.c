#include "daemon/store/token_rows.h"

#include "daemon/base/limits.h"
#include "daemon/store/load.h"
#include "daemon/store/put.h"
#include "daemon/store/sealed.h"
#include "daemon/store/tell.h"

const struct store_sealed store_sealed_token = {"tokens",
                                                "token_sealed",
                                                1,
                                                "SELECT id, token_sealed FROM tokens",
                                                "UPDATE tokens SET token_sealed = $1 WHERE id = $2",
                                                NULL};

/* --- writes --- */

/* The id that the row has, or that it gets. */
static int find_id(struct store *s, const char *name, int64_t *ret, struct fault *fault)
{
    struct db_stmt *st;
    bool is_there = false;
    int err = db_prepare(s->db, "SELECT id FROM tokens WHERE name = $1", &st, fault);

    if (err)
        return err;
    db_bind_text(st, 1, name);
    err = db_step(st, &is_there, fault);
    if (!err && is_there)
        *ret = db_int(st, 0);
    db_reset(st);
    if (err || is_there)
        return err;
    err = db_number(s->db, "SELECT max(id) FROM tokens", ret, fault);
    ++*ret;
    return err;
}

static int write_one(struct store *s, const struct store_token *row, struct fault *fault)
{
    static const char sql[] = "INSERT INTO tokens (id, name, token_sealed, used_at) VALUES ($1, $2, $3, $4)"
                              " ON CONFLICT (id) DO UPDATE SET token_sealed = excluded.token_sealed,"
                              " used_at = excluded.used_at";
    struct db_stmt *st;
    struct buf sealed;
    int64_t id = 0;
    int err = find_id(s, row->name, &id, fault);

    buf_init(&sealed, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    if (!err)
        err = store_seal(s, &store_sealed_token, &id, row->text, row->text_len, &sealed, fault);
    if (!err)
        err = db_prepare(s->db, sql, &st, fault);
    if (!err) {
        db_bind_int(st, 1, id);
        db_bind_text(st, 2, row->name);
        db_bind_blob(st, 3, sealed.data, sealed.len);
        db_bind_int(st, 4, row->used_at);
        err = db_run(st, fault);
    }
    buf_fini(&sealed);
    return err;
}

static int write_tokens(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    const struct store_token *row = rows;
    int err = 0;

    (void)account;
    for (size_t i = 0; !err && i < n; i++)
        err = write_one(s, &row[i], fault);
    return err ? err : store_tell_token(s, fault);
}

int store_put_tokens(struct store_desk *d, const struct store_token *rows, size_t n, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {
        STORE_PUT, .row_size = sizeof(struct store_token),
        .texts = {{offsetof(struct store_token, name), 0},
                  {offsetof(struct store_token, text), offsetof(struct store_token, text_len)}},
        .texts_n = 2, .write = write_tokens};

    return store_put(d, &kind, NULL, rows, n, done, ctx);
}

static int write_uses(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    const struct store_token *row = rows;
    struct db_stmt *st;
    int err = 0;

    (void)account;
    for (size_t i = 0; !err && i < n; i++) {
        err = db_prepare(s->db, "UPDATE tokens SET used_at = $1 WHERE name = $2 AND used_at < $1", &st, fault);
        if (err)
            break;
        db_bind_int(st, 1, row[i].used_at);
        db_bind_text(st, 2, row[i].name);
        err = db_run(st, fault);
    }
    return err;
}

int store_use_tokens(struct store_desk *d, const struct store_token *rows, size_t n, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(struct store_token),
                                               .texts = {{offsetof(struct store_token, name), 0}}, .texts_n = 1,
                                               .write = write_uses};

    return store_put(d, &kind, NULL, rows, n, done, ctx);
}

static int drop_one(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    const struct store_token *row = rows;
    struct db_stmt *st;
    int err = db_prepare(s->db, "DELETE FROM tokens WHERE name = $1", &st, fault);

    (void)account, (void)n;
    if (err)
        return err;
    db_bind_text(st, 1, row->name);
    err = db_run(st, fault);
    return err ? err : store_tell_token(s, fault);
}

int store_drop_token(struct store_desk *d, const char *name, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(struct store_token),
                                               .texts = {{offsetof(struct store_token, name), 0}}, .texts_n = 1,
                                               .write = drop_one};
    const struct store_token row = {.name = name};

    return store_put(d, &kind, NULL, &row, 1, done, ctx);
}

/* --- loading --- */

static int read_token(struct store *s, struct store_load *l, struct db_stmt *st, struct fault *fault)
{
    const int64_t id = db_int(st, 0);
    struct store_token r = {.used_at = db_int(st, 3)};
    struct buf text;
    size_t len;
    const uint8_t *sealed = db_blob(st, 2, &len);

    buf_init(&text, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    int err = store_unseal(s, &store_sealed_token, &id, sealed, len, &text, fault);
    r.text_len = text.len;
    if (!err && !(r.text = store_load_copy(l, text.data, text.len)))
        err = fault_set(fault, TGC_ENOMEM, "out of memory");
    buf_fini_secret(&text);
    if (!err || err == TGC_EDAMAGED)
        err = store_load_text(l, st, 1, &r.name, fault);
    struct store_token *row = err ? NULL : store_rows_add(&l->rows);
    if (!row)
        return err ? err : fault_set(fault, TGC_ENOMEM, "out of memory");
    *row = r;
    return 0;
}

static int run_load(struct store *s, struct store_op *op, struct fault *fault)
{
    struct store_load *l = (struct store_load *)op;
    struct db_stmt *st;
    bool more = true;
    int err = db_prepare(s->db, "SELECT id, name, token_sealed, used_at FROM tokens ORDER BY id", &st, fault);

    l->rows.row_size = sizeof(struct store_token);
    if (err)
        return err;
    while (!err && more) {
        err = db_step(st, &more, fault);
        if (!err && more)
            err = read_token(s, l, st, fault);
    }
    db_reset(st);
    return err;
}

static void complete_load(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;
    store_tokens_fn *loaded = (store_tokens_fn *)l->loaded;

    loaded(l->ctx, op->err, store_op_why(op), op->err ? NULL : l->rows.list, op->err ? 0 : l->rows.n);
}

int store_load_tokens(struct store_desk *d, store_tokens_fn *loaded, void *ctx)
{
    static const struct store_kind kind = {.run = run_load, .complete = complete_load, STORE_LOAD};

    return store_load(d, &kind, "", (void (*)(void))loaded, ctx);
}
