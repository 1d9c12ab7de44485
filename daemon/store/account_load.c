#include <stdio.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/store/account_rows.h"
#include "daemon/store/load.h"
#include "daemon/store/sealed.h"

/* The first damage is told. */
static int note_damage(struct store_load *l, struct store_loaded_account *a, const char *what, const char *why,
                       struct fault *fault)
{
    char text[FAULT_TEXT_MAX];

    if (a->damage)
        return 0;
    int n = snprintf(text, sizeof(text), "%s cannot be read: %s; put a backup in place, or log in anew", what, why);
    size_t len = n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1;
    a->damage = store_load_copy(l, text, len);
    return a->damage ? 0 : fault_set(fault, TGC_ENOMEM, "out of memory");
}

/* Opens a column of SIZE bytes. *RET_IS_GOOD: it is. */
static int open_fixed(struct store *s, const struct store_sealed *what, const int64_t *at, struct db_stmt *st,
                      int column, size_t size, struct buf *out, bool *ret_is_good, struct fault *fault)
{
    size_t len;
    const uint8_t *sealed = db_blob(st, column, &len);
    int err = store_unseal(s, what, at, sealed, len, out, fault);

    if (!err && out->len != size)
        err = fault_set(fault, TGC_EDAMAGED, "it has another length");
    *ret_is_good = err == 0;
    return err == TGC_EDAMAGED ? 0 : err;
}

static int read_key(struct store *s, struct store_load *l, struct store_loaded_account *a, struct db_stmt *st,
                    struct fault *fault)
{
    int64_t at[2] = {a->row.id, db_int(st, 0)};
    char what[48];
    struct buf key, salt;
    struct fault why;
    bool is_good;

    fault_clear(&why);
    buf_init(&key, LIMIT_STORE_VALUE);
    buf_init(&salt, LIMIT_STORE_VALUE);
    int err = open_fixed(s, &store_sealed_key, at, st, 1, sizeof(((struct store_key *)0)->key), &key, &is_good, &why);
    if (!err && is_good)
        err = open_fixed(s, &store_sealed_salt, at, st, 2, 8, &salt, &is_good, &why);
    if (!err && (at[1] < INT32_MIN || at[1] > INT32_MAX))
        is_good = false;
    struct store_key *k = NULL;
    if (!err && is_good && !(k = store_rows_add(&l->keys)))
        err = fault_set(&why, TGC_ENOMEM, "out of memory");
    if (k) {
        k->account = a->row.name;
        k->dc = (int32_t)at[1];
        memcpy(k->key, key.data, sizeof(k->key));
        k->salt = le64_load(salt.data);
        a->keys_n++;
    }
    buf_fini_secret(&key);
    buf_fini_secret(&salt);
    if (err)
        return fault_set(fault, err, "%s", why.text);
    snprintf(what, sizeof(what), "its key of data centre %d", (int)at[1]);
    return is_good ? 0 : note_damage(l, a, what, why.text, fault);
}

static int read_keys(struct store *s, struct store_load *l, struct store_loaded_account *a, struct fault *fault)
{
    static const char sql[] = "SELECT dc, key_sealed, salt_sealed FROM keys WHERE account_id = $1 ORDER BY dc";
    struct db_stmt *st;
    bool more = true;
    int err = db_prepare(s->db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, a->row.id);
    while (!err && more) {
        err = db_step(st, &more, fault);
        if (!err && more)
            err = read_key(s, l, a, st, fault);
    }
    db_reset(st);
    return err;
}

/* COLUMN of the statement, whose damage is WHAT's. */
static int read_text(struct store *s, struct store_load *l, struct store_loaded_account *a, struct db_stmt *st,
                     int column, const struct store_sealed *sealed, const char *what, const char **ret,
                     struct fault *fault)
{
    struct buf text;
    struct fault why;
    size_t len;
    const uint8_t *value = db_blob(st, column, &len);

    if (db_is_null(st, column))
        return 0;
    fault_clear(&why);
    buf_init(&text, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    int err = store_unseal(s, sealed, &a->row.id, value, len, &text, &why);
    if (!err && !(*ret = store_load_copy(l, text.data, text.len)))
        err = fault_set(&why, TGC_ENOMEM, "out of memory");
    buf_fini_secret(&text);
    if (err == TGC_EDAMAGED)
        return note_damage(l, a, what, why.text, fault);
    return err ? fault_set(fault, err, "%s", why.text) : 0;
}

static int read_account(struct store *s, struct store_load *l, struct db_stmt *st, struct fault *fault)
{
    struct store_loaded_account *a = store_rows_add(&l->rows);
    int err = 0;

    if (!a)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    struct store_account *row = &a->row;
    const char **const texts[] = {&row->name, &row->state, &row->reason, &row->remedy, &row->logout};
    row->id = db_int(st, 0);
    for (int i = 0; !err && i < 5; i++)
        err = store_load_text(l, st, i + 1, texts[i], fault);
    row->home_dc = (int32_t)db_int(st, 6);
    row->self_id = db_int(st, 7);
    row->user_id = db_int(st, 8);
    row->layer = (int32_t)db_int(st, 10);
    if (!err)
        err = read_text(s, l, a, st, 9, &store_sealed_user, "its user", &row->user_json, fault);
    if (!err)
        err = read_text(s, l, a, st, 11, &store_sealed_login, "its login", &row->login_json, fault);
    if (!err)
        err = read_text(s, l, a, st, 12, &store_sealed_proxy, "its proxy", &row->proxy, fault);
    a->proxy_is_lost = !row->proxy && !db_is_null(st, 12);
    return err ? err : read_keys(s, l, a, fault);
}

/* The keys stood in an array that moved while it grew. */
static void link_keys(struct store_load *l)
{
    struct store_loaded_account *list = l->rows.list;
    const struct store_key *keys = l->keys.list;

    for (size_t i = 0; keys && i < l->rows.n; i++) {
        list[i].keys = keys;
        keys += list[i].keys_n;
    }
}

#define SELECT                                                                                                         \
    "SELECT id, name, state, reason, remedy, logout, home_dc, self_id, user_id, user_sealed, layer, login_sealed,"     \
    " proxy_sealed FROM accounts "

static int run_load(struct store *s, struct store_op *op, struct fault *fault)
{
    static const char all[] = SELECT "ORDER BY name", share[] = SELECT "WHERE id % $1 = $2 ORDER BY name";
    struct store_load *l = (struct store_load *)op;
    struct db_stmt *st;
    bool more = true;
    int err = db_prepare(s->db, l->limit ? share : all, &st, fault);

    if (err)
        return err;
    if (l->limit) {
        db_bind_int(st, 1, l->limit);
        db_bind_int(st, 2, l->of);
    }
    l->rows.row_size = sizeof(struct store_loaded_account);
    l->keys.row_size = sizeof(struct store_key);
    while (!err && more && l->rows.n < LIMIT_ACCOUNTS) {
        err = db_step(st, &more, fault);
        if (!err && more)
            err = read_account(s, l, st, fault);
    }
    db_reset(st);
    if (!err)
        link_keys(l);
    return err;
}

static void complete_load(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;
    store_accounts_fn *loaded = (store_accounts_fn *)l->loaded;

    loaded(l->ctx, op->err, store_op_why(op), op->err ? NULL : l->rows.list, op->err ? 0 : l->rows.n);
}

static const struct store_kind kind = {.run = run_load, .complete = complete_load, STORE_LOAD};

int store_load_accounts(struct store_desk *d, store_accounts_fn *loaded, void *ctx)
{
    return store_load(d, &kind, "", (void (*)(void))loaded, ctx);
}

int store_load_share(struct store_desk *d, size_t share, size_t shares, store_accounts_fn *loaded, void *ctx)
{
    const struct store_part part = {.of = (int64_t)share, .limit = (int64_t)shares};

    return store_load_part(d, &kind, &part, (void (*)(void))loaded, ctx);
}
