#include "daemon/store/intent_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/hex.h"
#include "daemon/base/limits.h"
#include "daemon/store/load.h"
#include "daemon/store/put.h"
#include "daemon/store/sealed.h"

const struct store_sealed store_sealed_intent_order = {"intents",
                                                       "order_sealed",
                                                       1,
                                                       "SELECT id, order_sealed FROM intents",
                                                       "UPDATE intents SET order_sealed = $1 WHERE id = $2",
                                                       NULL};

const struct store_sealed store_sealed_intent_answer = {
    "intents",
    "answer_sealed",
    1,
    "SELECT id, answer_sealed FROM intents WHERE answer_sealed IS NOT NULL",
    "UPDATE intents SET answer_sealed = $1 WHERE id = $2",
    NULL};

/* --- writes --- */

/* That created_us may not be NULL refuses a row of another's that drew the same id. */
static int run_put(struct store *s, const struct store_intent *i, bool has_account, int64_t account_id,
                   const struct buf *order, const struct buf *answer, struct fault *fault)
{
    static const char sql[] =
        "INSERT INTO intents"
        " (id, account_id, key_hash, state, sent, shown, created_us, until_us, order_sealed, answer_sealed)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " ON CONFLICT (id) DO UPDATE SET account_id = excluded.account_id, key_hash = excluded.key_hash,"
        " created_us = CASE intents.created_us WHEN excluded.created_us THEN excluded.created_us END,"
        " state = excluded.state, sent = excluded.sent, shown = excluded.shown, until_us = excluded.until_us,"
        " order_sealed = excluded.order_sealed, answer_sealed = excluded.answer_sealed";
    struct db_stmt *st;
    int err = db_prepare(s->db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, i->id);
    if (has_account)
        db_bind_int(st, 2, account_id);
    db_bind_blob(st, 3, i->key, i->key ? STORE_INTENT_KEY : 0);
    db_bind_int(st, 4, i->state);
    db_bind_int(st, 5, i->sent);
    db_bind_int(st, 6, i->shown);
    db_bind_int(st, 7, i->created_us);
    db_bind_int(st, 8, i->until_us);
    db_bind_blob(st, 9, order->data, order->len);
    db_bind_blob(st, 10, answer->data, answer->len);
    return db_run(st, fault);
}

static int write_intent(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    const struct store_intent *i = rows;
    struct buf order, answer;
    int64_t account_id = 0;
    int err = i->account ? store_own_account_id(s, i->account, &account_id, fault) : TGC_EUNKNOWN;
    bool has_account = !err;

    (void)account, (void)n;
    if (err == TGC_EUNKNOWN)
        err = 0;
    buf_init(&order, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    buf_init(&answer, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    if (!err)
        err = store_seal(s, &store_sealed_intent_order, &i->id, i->order, i->order_len, &order, fault);
    if (!err && i->answer)
        err = store_seal(s, &store_sealed_intent_answer, &i->id, i->answer, i->answer_len, &answer, fault);
    if (!err)
        err = run_put(s, i, has_account, account_id, &order, &answer, fault);
    buf_fini(&answer);
    buf_fini(&order);
    return err;
}

int store_put_intent(struct store_desk *d, const struct store_intent *row, store_done_fn *done, void *ctx)
{
    static const size_t key_len = STORE_INTENT_KEY;
    struct intent_row {
        struct store_intent intent; /* first: what write_intent() reads */
        size_t key_len;
    } full = {*row, key_len};
    static const struct store_put_kind kind = {
        STORE_PUT, .row_size = sizeof(struct intent_row),
        .texts = {{offsetof(struct store_intent, account), 0},
                  {offsetof(struct store_intent, key), offsetof(struct intent_row, key_len)},
                  {offsetof(struct store_intent, order), offsetof(struct store_intent, order_len)},
                  {offsetof(struct store_intent, answer), offsetof(struct store_intent, answer_len)}},
        .texts_n = 4, .write = write_intent};

    return store_put(d, &kind, NULL, &full, 1, done, ctx);
}

/* One number, and what is done by it. */
static int run_by_number(struct store *s, const char *sql, const void *rows, struct fault *fault)
{
    struct db_stmt *st;
    int err = db_prepare(s->db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, *(const int64_t *)rows);
    return db_run(st, fault);
}

static int drop_one(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    (void)account, (void)n;
    return run_by_number(s, "DELETE FROM intents WHERE id = $1", rows, fault);
}

int store_drop_intent(struct store_desk *d, int64_t id, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(int64_t), .write = drop_one};

    return store_put(d, &kind, NULL, &id, 1, done, ctx);
}

static int drop_old(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    (void)account, (void)n;
    return run_by_number(s, "DELETE FROM intents WHERE created_us < $1", rows, fault);
}

int store_drop_old_intents(struct store_desk *d, int64_t created_us, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(int64_t), .write = drop_old};

    return store_put(d, &kind, NULL, &created_us, 1, done, ctx);
}

/* --- loading --- */

/* *RET is NULL where it cannot be read. */
static int open_text(struct store *s, struct store_load *l, const struct store_sealed *what, int64_t id,
                     struct db_stmt *st, int column, const char **ret, size_t *ret_len, struct fault *fault)
{
    struct buf text;
    size_t len;
    const uint8_t *sealed = db_blob(st, column, &len);

    *ret = NULL;
    buf_init(&text, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    int err = store_unseal(s, what, &id, sealed, len, &text, fault);
    if (!err && !(*ret = store_load_copy(l, text.data, text.len)))
        err = fault_set(fault, TGC_ENOMEM, "out of memory");
    *ret_len = text.len;
    buf_fini_secret(&text);
    return err == TGC_EDAMAGED ? 0 : err;
}

static int read_intent(struct store *s, struct store_load *l, int64_t account_id, struct db_stmt *st,
                       struct fault *fault)
{
    struct store_intent i = {.account = l->account[0] ? l->account : NULL,
                             .id = db_int(st, 0),
                             .state = (int)db_int(st, 2),
                             .sent = db_int(st, 3) != 0,
                             .shown = db_int(st, 4) != 0,
                             .created_us = db_int(st, 5),
                             .until_us = db_int(st, 6)};
    size_t key_len;
    const uint8_t *key = db_blob(st, 1, &key_len);
    bool has_key = !db_is_null(st, 1);
    int err = open_text(s, l, &store_sealed_intent_order, i.id, st, 7, &i.order, &i.order_len, fault);

    (void)account_id;
    if (has_key && key_len != STORE_INTENT_KEY)
        i.order = NULL;
    if (!err && has_key && i.order && !(i.key = (const uint8_t *)store_load_copy(l, key, key_len)))
        err = fault_set(fault, TGC_ENOMEM, "out of memory");
    struct store_intent *row = err ? NULL : store_rows_add(&l->rows);
    if (!row)
        return err ? err : fault_set(fault, TGC_ENOMEM, "out of memory");
    *row = i;
    return 0;
}

#define COLUMNS "id, key_hash, state, sent, shown, created_us, until_us, order_sealed"

static int load_of_none(struct store *s, struct store_load *l, struct fault *fault)
{
    static const char sql[] = "SELECT " COLUMNS " FROM (SELECT * FROM intents WHERE account_id IS NULL"
                              " ORDER BY created_us DESC, id DESC LIMIT $1) AS newest ORDER BY created_us, id";
    struct db_stmt *st;
    bool more = true;
    int err = db_prepare(s->db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, STORE_INTENTS_MAX);
    while (!err && more) {
        err = db_step(st, &more, fault);
        if (!err && more)
            err = read_intent(s, l, 0, st, fault);
    }
    db_reset(st);
    return err;
}

static int run_load(struct store *s, struct store_op *op, struct fault *fault)
{
    static const char sql[] = "SELECT " COLUMNS " FROM (SELECT * FROM intents WHERE account_id = $1"
                              " ORDER BY created_us DESC, id DESC LIMIT $2) AS newest ORDER BY created_us, id";
    struct store_load *l = (struct store_load *)op;

    l->rows.row_size = sizeof(struct store_intent);
    return l->account[0] ? store_load_each(s, l, sql, STORE_INTENTS_MAX, read_intent, fault)
                         : load_of_none(s, l, fault);
}

static void complete_load(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;
    store_intents_fn *loaded = (store_intents_fn *)l->loaded;

    loaded(l->ctx, op->err, store_op_why(op), op->err ? NULL : l->rows.list, op->err ? 0 : l->rows.n);
}

int store_load_intents(struct store_desk *d, const char *account, store_intents_fn *loaded, void *ctx)
{
    static const struct store_kind kind = {.run = run_load, .complete = complete_load, STORE_LOAD};

    return store_load(d, &kind, account, (void (*)(void))loaded, ctx);
}

static int run_load_answer(struct store *s, struct store_op *op, struct fault *fault)
{
    static const char sql[] = "SELECT answer_sealed FROM intents WHERE id = $1 AND answer_sealed IS NOT NULL";
    struct store_load *l = (struct store_load *)op;
    int64_t id = strtoll(l->account, NULL, 10);
    struct db_stmt *st;
    bool row;
    int err = db_prepare(s->db, sql, &st, fault);

    if (err)
        return err;
    l->rows.row_size = sizeof(struct store_intent);
    db_bind_int(st, 1, id);
    err = db_step(st, &row, fault);
    if (!err && row) {
        struct store_intent *i = store_rows_add(&l->rows);
        err = i ? open_text(s, l, &store_sealed_intent_answer, id, st, 0, &i->answer, &i->answer_len, fault)
                : fault_set(fault, TGC_ENOMEM, "out of memory");
    }
    db_reset(st);
    return err;
}

static void complete_load_answer(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;
    store_intent_answer_fn *loaded = (store_intent_answer_fn *)l->loaded;
    const struct store_intent *i = op->err || !l->rows.n ? NULL : l->rows.list;

    loaded(l->ctx, op->err, store_op_why(op), i ? i->answer : NULL, i ? i->answer_len : 0);
}

int store_load_intent_answer(struct store_desk *d, int64_t id, store_intent_answer_fn *loaded, void *ctx)
{
    static const struct store_kind kind = {.run = run_load_answer, .complete = complete_load_answer, STORE_LOAD};
    char digits[24]; /* in a name's place */

    snprintf(digits, sizeof(digits), "%" PRId64, id);
    return store_load(d, &kind, digits, (void (*)(void))loaded, ctx);
}

static int run_load_place(struct store *s, struct store_op *op, struct fault *fault)
{
    static const char sql[] = "SELECT i.id, a.name FROM intents AS i LEFT JOIN accounts AS a ON a.id = i.account_id"
                              " WHERE i.key_hash = $1";
    struct store_load *l = (struct store_load *)op;
    uint8_t key[STORE_INTENT_KEY];
    struct db_stmt *st;
    bool row;
    int err = hex_decode(l->account, strlen(l->account), key, sizeof(key));

    if (!err)
        err = db_prepare(s->db, sql, &st, fault);
    if (err)
        return err;
    l->rows.row_size = sizeof(struct store_intent);
    db_bind_blob(st, 1, key, sizeof(key));
    err = db_step(st, &row, fault);
    if (!err && row) {
        const char *name = db_is_null(st, 1) ? NULL : db_text(st, 1);
        struct store_intent *i = store_rows_add(&l->rows);
        const char *account = i && name ? store_load_copy(l, name, strlen(name)) : NULL;
        if (!i || (name && !account))
            err = fault_set(fault, TGC_ENOMEM, "out of memory");
        else
            *i = (struct store_intent){.id = db_int(st, 0), .account = account};
    }
    db_reset(st);
    return err;
}

static void complete_load_place(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;
    store_intent_place_fn *loaded = (store_intent_place_fn *)l->loaded;
    const struct store_intent *i = op->err || !l->rows.n ? NULL : l->rows.list;

    loaded(l->ctx, op->err, store_op_why(op), i ? i->id : 0, i ? i->account : NULL);
}

int store_load_intent_place(struct store_desk *d, const uint8_t key[static STORE_INTENT_KEY],
                            store_intent_place_fn *loaded, void *ctx)
{
    static const struct store_kind kind = {.run = run_load_place, .complete = complete_load_place, STORE_LOAD};
    char digits[2 * STORE_INTENT_KEY + 1]; /* in a name's place */

    hex_encode(key, STORE_INTENT_KEY, digits);
    return store_load(d, &kind, digits, (void (*)(void))loaded, ctx);
}
