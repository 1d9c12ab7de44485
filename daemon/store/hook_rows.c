#include "daemon/store/hook_rows.h"

#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/crypto/seal.h"
#include "daemon/store/hook_leave.h"
#include "daemon/store/load.h"
#include "daemon/store/put.h"
#include "daemon/store/sealed.h"

const struct store_sealed store_sealed_hook_url = {
    "hooks", "url_sealed", 1, "SELECT id, url_sealed FROM hooks", "UPDATE hooks SET url_sealed = $1 WHERE id = $2",
    NULL};
const struct store_sealed store_sealed_hook_secrets = {"hooks",
                                                       "secrets_sealed",
                                                       1,
                                                       "SELECT id, secrets_sealed FROM hooks",
                                                       "UPDATE hooks SET secrets_sealed = $1 WHERE id = $2",
                                                       NULL};

/* --- writes --- */

static int write_hook(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    static const char sql[] =
        "INSERT INTO hooks (id, name, url_sealed, types, account, secrets_sealed, state, reason, created_at, cursor,"
        " head, tries, due_us) VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $7 < 0 THEN 0 ELSE $7 END, $8, $9, $10, 0, 0, "
        "0)"
        " ON CONFLICT (id) DO UPDATE SET url_sealed = excluded.url_sealed, types = excluded.types,"
        " secrets_sealed = excluded.secrets_sealed,"
        " state = CASE WHEN $7 < 0 THEN hooks.state ELSE $7 END,"
        " reason = CASE WHEN $7 < 0 THEN hooks.reason ELSE $8 END WHERE hooks.state >= 0";
    const struct store_hook *h = rows;
    struct db_stmt *st;
    struct buf url, secrets;

    (void)account, (void)n;
    buf_init(&url, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    buf_init(&secrets, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    int err = store_seal(s, &store_sealed_hook_url, &h->place.id, h->url, strlen(h->url), &url, fault);
    if (!err)
        err = store_seal(s, &store_sealed_hook_secrets, &h->place.id, h->secrets, strlen(h->secrets), &secrets, fault);
    if (!err)
        err = db_prepare(s->db, sql, &st, fault);
    if (!err) {
        db_bind_int(st, 1, h->place.id);
        db_bind_text(st, 2, h->name);
        db_bind_blob(st, 3, url.data, url.len);
        db_bind_text(st, 4, h->types);
        db_bind_text(st, 5, h->account);
        db_bind_blob(st, 6, secrets.data, secrets.len);
        db_bind_int(st, 7, h->state);
        db_bind_text(st, 8, h->reason);
        db_bind_int(st, 9, h->created_at);
        db_bind_int(st, 10, h->place.cursor);
        err = db_run(st, fault);
    }
    buf_fini(&url);
    buf_fini(&secrets);
    return err;
}

static int write_new(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    const struct store_hook *h = rows;
    struct db_stmt *st;
    bool is_taken = false;
    int64_t id = 0;
    int err = db_prepare(s->db, "SELECT id FROM hooks WHERE name = $1", &st, fault);

    if (err)
        return err;
    db_bind_text(st, 1, h->name);
    err = db_step(st, &is_taken, fault);
    if (!err && is_taken)
        id = db_int(st, 0);
    db_reset(st);
    if (!err && is_taken)
        err = store_hook_leave(s, id, fault);
    return err ? err : write_hook(s, account, rows, n, fault);
}

#define HOOK_ROW                                                                                                       \
    STORE_PUT, .row_size = sizeof(struct store_hook), .texts_n = 6,                                                    \
               .texts = {{offsetof(struct store_hook, name), 0},    {offsetof(struct store_hook, url), 0},             \
                         {offsetof(struct store_hook, types), 0},   {offsetof(struct store_hook, account), 0},         \
                         {offsetof(struct store_hook, secrets), 0}, {offsetof(struct store_hook, reason), 0}}

int store_add_hook(struct store_desk *d, const struct store_hook *hook, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {HOOK_ROW, .write = write_new};

    return store_put(d, &kind, NULL, hook, 1, done, ctx);
}

int store_put_hook(struct store_desk *d, const struct store_hook *hook, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {HOOK_ROW, .write = write_hook};

    return store_put(d, &kind, NULL, hook, 1, done, ctx);
}

struct state_row {
    int64_t id, state;
    const char *reason;
};

static int write_state(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    const struct state_row *row = rows;
    struct db_stmt *st;
    int err = db_prepare(s->db, "UPDATE hooks SET state = $1, reason = $2 WHERE id = $3 AND state >= 0", &st, fault);

    (void)account, (void)n;
    if (err)
        return err;
    db_bind_int(st, 1, row->state);
    db_bind_text(st, 2, row->reason);
    db_bind_int(st, 3, row->id);
    return db_run(st, fault);
}

int store_put_hook_state(struct store_desk *d, int64_t id, int64_t state, const char *reason, store_done_fn *done,
                         void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(struct state_row),
                                               .texts = {{offsetof(struct state_row, reason), 0}}, .texts_n = 1,
                                               .write = write_state};
    const struct state_row row = {id, state, reason};

    return store_put(d, &kind, NULL, &row, 1, done, ctx);
}

struct secrets_row {
    int64_t id;
    const char *secrets;
};

static int write_secrets(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    const struct secrets_row *row = rows;
    struct db_stmt *st;
    struct buf sealed;

    (void)account, (void)n;
    buf_init(&sealed, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    int err = store_seal(s, &store_sealed_hook_secrets, &row->id, row->secrets, strlen(row->secrets), &sealed, fault);
    if (!err)
        err = db_prepare(s->db, "UPDATE hooks SET secrets_sealed = $1 WHERE id = $2 AND state >= 0", &st, fault);
    if (!err) {
        db_bind_blob(st, 1, sealed.data, sealed.len);
        db_bind_int(st, 2, row->id);
        err = db_run(st, fault);
    }
    buf_fini(&sealed);
    return err;
}

int store_put_hook_secrets(struct store_desk *d, int64_t id, const char *secrets, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(struct secrets_row),
                                               .texts = {{offsetof(struct secrets_row, secrets), 0}}, .texts_n = 1,
                                               .write = write_secrets};
    const struct secrets_row row = {id, secrets};

    return store_put(d, &kind, NULL, &row, 1, done, ctx);
}

static int write_places(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    static const char sql[] = "UPDATE hooks SET cursor = $1, head = $2, tries = $3, due_us = $4 WHERE id = $5";
    const struct store_hook_place *list = rows;
    int err = 0;

    (void)account;
    for (size_t i = 0; !err && i < n; i++) {
        struct db_stmt *st;
        err = db_prepare(s->db, sql, &st, fault);
        if (err)
            break;
        db_bind_int(st, 1, list[i].cursor);
        db_bind_int(st, 2, list[i].head);
        db_bind_int(st, 3, list[i].tries);
        db_bind_int(st, 4, list[i].due_us);
        db_bind_int(st, 5, list[i].id);
        err = db_run(st, fault);
    }
    return err;
}

int store_put_hook_places(struct store_desk *d, const struct store_hook_place *rows, size_t n, store_done_fn *done,
                          void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(struct store_hook_place),
                                               .write = write_places};

    return store_put(d, &kind, NULL, rows, n, done, ctx);
}

static int delete_hook(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    (void)account, (void)n;
    return store_hook_leave(s, *(const int64_t *)rows, fault);
}

int store_drop_hook(struct store_desk *d, int64_t id, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(int64_t), .write = delete_hook};

    return store_put(d, &kind, NULL, &id, 1, done, ctx);
}

/* --- loading --- */

static int open_text(struct store *s, struct store_load *l, const struct store_sealed *what, int64_t id,
                     struct db_stmt *st, int column, const char **ret, struct fault *fault)
{
    struct buf text;
    size_t len;
    const uint8_t *sealed = db_blob(st, column, &len);

    buf_init_secret(&text, LIMIT_STORE_VALUE + 1);
    int err = store_unseal(s, what, &id, sealed, len, &text, fault);
    if (!err && memchr(text.data, '\0', text.len))
        err = fault_set(fault, TGC_EDAMAGED, "it is damaged");
    if (!err && !(*ret = store_load_copy(l, text.data, text.len)))
        err = fault_set(fault, TGC_ENOMEM, "out of memory");
    buf_fini(&text);
    return err;
}

static int add_hook(struct store *s, struct store_load *l, struct db_stmt *st, struct fault *fault)
{
    struct store_hook h = {.state = db_int(st, 6),
                           .created_at = db_int(st, 8),
                           .place = {.id = db_int(st, 0),
                                     .cursor = db_int(st, 9),
                                     .head = db_int(st, 10),
                                     .tries = db_int(st, 11),
                                     .due_us = db_int(st, 12)},
                           .deliveries = db_int(st, 13)};
    int err = store_load_text(l, st, 1, &h.name, fault);

    if (!err)
        err = open_text(s, l, &store_sealed_hook_url, h.place.id, st, 2, &h.url, fault);
    if (!err)
        err = store_load_text(l, st, 3, &h.types, fault);
    if (!err)
        err = store_load_text(l, st, 4, &h.account, fault);
    if (!err)
        err = open_text(s, l, &store_sealed_hook_secrets, h.place.id, st, 5, &h.secrets, fault);
    if (!err)
        err = store_load_text(l, st, 7, &h.reason, fault);
    if (err == TGC_EDAMAGED) {
        fault_clear(fault);
        l->damaged++;
        return 0;
    }
    struct store_hook *to = err ? NULL : store_rows_add(&l->rows);
    if (!to)
        return err ? err : fault_set(fault, TGC_ENOMEM, "out of memory");
    *to = h;
    return 0;
}

static int run_load(struct store *s, struct store_op *op, struct fault *fault)
{
    static const char sql[] =
        "SELECT id, name, url_sealed, types, account, secrets_sealed, state, reason, created_at, cursor, head, tries,"
        " due_us, coalesce((SELECT max(n) FROM hook_deliveries WHERE hook_id = hooks.id), 0) FROM hooks ORDER BY id";
    struct store_load *l = (struct store_load *)op;
    struct db_stmt *st;
    bool more = true;
    int err = db_prepare(s->db, sql, &st, fault);

    if (err)
        return err;
    l->rows.row_size = sizeof(struct store_hook);
    while (!err && more) {
        err = db_step(st, &more, fault);
        if (err || !more)
            break;
        l->of = db_int(st, 0);
        err = db_int(st, 6) == STORE_HOOK_GONE ? 0 : add_hook(s, l, st, fault);
    }
    db_reset(st);
    return err;
}

static void complete_load(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;
    store_hooks_fn *loaded = (store_hooks_fn *)l->loaded;

    loaded(l->ctx, op->err, store_op_why(op), op->err ? NULL : l->rows.list, op->err ? 0 : l->rows.n, l->damaged,
           l->of);
}

int store_load_hooks(struct store_desk *d, store_hooks_fn *loaded, void *ctx)
{
    static const struct store_kind kind = {.run = run_load, .complete = complete_load, STORE_LOAD};

    return store_load_page(d, &kind, 0, 0, (void (*)(void))loaded, ctx);
}
