#include "daemon/store/account_rows.h"

#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/store/meta.h"
#include "daemon/store/event_leave.h"
#include "daemon/store/put.h"
#include "daemon/store/sealed.h"

const struct store_sealed store_sealed_user = {"accounts",
                                               "user_sealed",
                                               1,
                                               "SELECT id, user_sealed FROM accounts WHERE user_sealed IS NOT NULL",
                                               "UPDATE accounts SET user_sealed = $1 WHERE id = $2",
                                               NULL};

const struct store_sealed store_sealed_login = {"accounts",
                                                "login_sealed",
                                                1,
                                                "SELECT id, login_sealed FROM accounts WHERE login_sealed IS NOT NULL",
                                                "UPDATE accounts SET login_sealed = $1 WHERE id = $2",
                                                NULL};

const struct store_sealed store_sealed_proxy = {"accounts",
                                                "proxy_sealed",
                                                1,
                                                "SELECT id, proxy_sealed FROM accounts WHERE proxy_sealed IS NOT NULL",
                                                "UPDATE accounts SET proxy_sealed = $1 WHERE id = $2",
                                                NULL};

static int seal_text(struct store *s, const struct store_sealed *what, int64_t id, const char *text, struct buf *out,
                     struct fault *fault)
{
    return text ? store_seal(s, what, &id, text, strlen(text), out, fault) : 0;
}

static int write_account(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    static const char sql[] =
        "INSERT INTO accounts"
        " (id, name, state, reason, remedy, logout, home_dc, self_id, user_id, user_sealed, layer, login_sealed,"
        " proxy_sealed)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        " ON CONFLICT (name) DO UPDATE SET state = excluded.state, reason = excluded.reason, remedy = excluded.remedy,"
        " logout = excluded.logout, home_dc = excluded.home_dc, self_id = excluded.self_id, user_id = excluded.user_id,"
        " user_sealed = excluded.user_sealed, layer = excluded.layer, login_sealed = excluded.login_sealed,"
        " proxy_sealed = excluded.proxy_sealed";
    const struct store_account *a = rows;
    struct buf user, login, proxy;
    struct db_stmt *st;
    int64_t id;
    int err = store_own_account_id(s, a->name, &id, fault);

    if (err == TGC_EUNKNOWN)
        err = store_meta_next_account(s, &id, fault);
    buf_init(&user, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    buf_init(&login, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    buf_init(&proxy, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    if (!err)
        err = seal_text(s, &store_sealed_user, id, a->user_json, &user, fault);
    if (!err)
        err = seal_text(s, &store_sealed_login, id, a->login_json, &login, fault);
    if (!err)
        err = seal_text(s, &store_sealed_proxy, id, a->proxy, &proxy, fault);
    if (!err)
        err = db_prepare(s->db, sql, &st, fault);
    if (!err) {
        const char *const texts[] = {a->name, a->state, a->reason, a->remedy, a->logout};
        db_bind_int(st, 1, id);
        for (int i = 0; i < 5; i++)
            db_bind_text(st, i + 2, texts[i]);
        db_bind_int(st, 7, a->home_dc);
        db_bind_int(st, 8, a->self_id);
        db_bind_int(st, 9, a->user_id);
        db_bind_blob(st, 10, user.data, user.len);
        db_bind_int(st, 11, a->layer);
        db_bind_blob(st, 12, login.data, login.len);
        db_bind_blob(st, 13, proxy.data, proxy.len);
        err = db_run(st, fault);
    }
    buf_fini(&proxy);
    buf_fini(&login);
    buf_fini(&user);
    return err;
}

int store_put_account(struct store_desk *d, const struct store_account *row, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(struct store_account),
                                               .texts = {{offsetof(struct store_account, name), 0},
                                                         {offsetof(struct store_account, state), 0},
                                                         {offsetof(struct store_account, reason), 0},
                                                         {offsetof(struct store_account, remedy), 0},
                                                         {offsetof(struct store_account, logout), 0},
                                                         {offsetof(struct store_account, user_json), 0},
                                                         {offsetof(struct store_account, login_json), 0},
                                                         {offsetof(struct store_account, proxy), 0}},
                                               .texts_n = 8, .write = write_account};

    return store_put(d, &kind, NULL, row, 1, done, ctx);
}

static int write_drop(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    static const char sql[] = "DELETE FROM accounts WHERE id = $1";
    int err = store_change(s, sql, account, 1, 0, 0, fault);

    (void)rows;
    (void)n;
    return err ? err : store_leave_events(s, account, INT64_MAX, fault);
}

int store_drop_account(struct store_desk *d, const char *name, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .write = write_drop};

    return store_put(d, &kind, name, NULL, 0, done, ctx);
}

static int write_strip(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    static const char *const sqls[] = {
        "DELETE FROM keys WHERE account_id = $1",          "DELETE FROM peers WHERE account_id = $1",
        "DELETE FROM calls WHERE account_id = $1",         "DELETE FROM floods WHERE account_id = $1",
        "DELETE FROM update_states WHERE account_id = $1",
    };
    int err = 0;

    for (size_t i = 0; i < sizeof(sqls) / sizeof(sqls[0]) && !err; i++)
        err = store_change(s, sqls[i], account, 1, 0, 0, fault);
    return err;
}

int store_strip_account(struct store_desk *d, const char *name, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .write = write_strip};

    return store_put(d, &kind, name, NULL, 0, done, ctx);
}
