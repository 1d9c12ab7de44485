#include "daemon/store/call_rows.h"

#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/store/load.h"
#include "daemon/store/put.h"
#include "daemon/store/sealed.h"

const struct store_sealed store_sealed_call_link = {
    "calls",
    "link_sealed",
    2,
    "SELECT account_id, id, link_sealed FROM calls WHERE link_sealed IS NOT NULL",
    "UPDATE calls SET link_sealed = $1 WHERE account_id = $2 AND id = $3",
    NULL};

/* --- writes --- */

static int write_call(struct store *s, int64_t account_id, const struct store_call *c, struct buf *link,
                      struct fault *fault)
{
    static const char sql[] =
        "INSERT INTO calls (account_id, id, access_hash, peer_kind, peer_id, title, state, schedule_date, duration,"
        " rtmp_stream, join_muted, created_here, end_inferred, participants_count, version, created_at, ended_at,"
        " conference, link_sealed, auto_start, missed_at, missed_why)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)"
        " ON CONFLICT (account_id, id) DO UPDATE SET access_hash = excluded.access_hash,"
        " peer_kind = excluded.peer_kind, peer_id = excluded.peer_id, title = excluded.title, state = excluded.state,"
        " schedule_date = excluded.schedule_date, duration = excluded.duration, rtmp_stream = excluded.rtmp_stream,"
        " join_muted = excluded.join_muted, created_here = excluded.created_here,"
        " end_inferred = excluded.end_inferred, participants_count = excluded.participants_count,"
        " version = excluded.version, created_at = excluded.created_at, ended_at = excluded.ended_at,"
        " conference = excluded.conference, link_sealed = excluded.link_sealed, auto_start = excluded.auto_start,"
        " missed_at = excluded.missed_at, missed_why = excluded.missed_why";
    const int64_t from_state[] = {c->state,      c->schedule_date, c->duration,     c->rtmp_stream,
                                  c->join_muted, c->created_here,  c->end_inferred, c->participants_count,
                                  c->version,    c->created_at,    c->ended_at,     c->conference};
    const int64_t at[2] = {account_id, c->id};
    struct db_stmt *st;
    int err = db_prepare(s->db, sql, &st, fault);

    if (!err && c->invite_link)
        err = store_seal(s, &store_sealed_call_link, at, c->invite_link, strlen(c->invite_link), link, fault);
    if (err)
        return err;
    db_bind_int(st, 1, account_id);
    db_bind_int(st, 2, c->id);
    db_bind_int(st, 3, c->access_hash);
    if (c->has_peer) {
        db_bind_int(st, 4, c->peer_kind);
        db_bind_int(st, 5, c->peer_id);
    }
    db_bind_blob(st, 6, c->title, c->title_len);
    for (int i = 0; i < 12; i++)
        db_bind_int(st, 7 + i, from_state[i]);
    if (c->invite_link)
        db_bind_blob(st, 19, link->data, link->len);
    db_bind_int(st, 20, c->auto_start);
    db_bind_int(st, 21, c->missed_at);
    db_bind_text(st, 22, c->missed_why);
    return db_run(st, fault);
}

static int write_calls(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    const struct store_call *list = rows;
    struct buf link;
    int64_t id = 0;
    int err = 0;

    buf_init(&link, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    for (size_t i = 0; !err && i < n; i++) {
        if (i == 0 || strcmp(list[i].account, list[i - 1].account) != 0)
            err = store_own_account_id(s, list[i].account, &id, fault);
        if (!err)
            err = write_call(s, id, &list[i], &link, fault);
    }
    buf_fini(&link);
    return err;
}

int store_put_calls(struct store_desk *d, const struct store_call *rows, size_t n, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {
        STORE_PUT, .row_size = sizeof(struct store_call),
        .texts = {{offsetof(struct store_call, account), 0},
                  {offsetof(struct store_call, title), offsetof(struct store_call, title_len)},
                  {offsetof(struct store_call, invite_link), 0},
                  {offsetof(struct store_call, missed_why), 0}},
        .texts_n = 4, .write = write_calls};

    return store_put(d, &kind, NULL, rows, n, done, ctx);
}

static int drop_one(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    static const char sql[] = "DELETE FROM calls WHERE account_id = $1 AND id = $2";
    const int64_t *id = rows;

    return store_change(s, sql, account, 2, *id, 0, fault);
}

int store_drop_call(struct store_desk *d, const char *account, int64_t id, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(int64_t), .write = drop_one};

    return store_put(d, &kind, account, &id, 1, done, ctx);
}

static int drop_all(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    static const char sql[] = "DELETE FROM calls WHERE account_id = $1";

    return store_change(s, sql, account, 1, 0, 0, fault);
}

int store_drop_calls(struct store_desk *d, const char *account, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .write = drop_all};

    return store_put(d, &kind, account, NULL, 0, done, ctx);
}

/* --- loading --- */

/* One that does not open is shown by Telegram again, whenever it is asked for the call. */
static int read_link(struct store *s, struct store_load *l, int64_t account_id, struct db_stmt *st,
                     struct store_call *c, struct fault *fault)
{
    const int64_t at[2] = {account_id, c->id};
    struct buf link;
    size_t len;
    const uint8_t *sealed = db_blob(st, 17, &len);

    if (db_is_null(st, 17))
        return 0;
    buf_init(&link, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    int err = store_unseal(s, &store_sealed_call_link, at, sealed, len, &link, fault);
    if (!err && !(c->invite_link = store_load_copy(l, link.data, link.len)))
        err = fault_set(fault, TGC_ENOMEM, "out of memory");
    buf_fini_secret(&link);
    if (err == TGC_EDAMAGED) {
        l->damaged++;
        return 0;
    }
    return err;
}

static int read_call(struct store *s, struct store_load *l, int64_t account_id, struct db_stmt *st, struct fault *fault)
{
    int64_t kind = db_int(st, 2);
    size_t title_len;
    const uint8_t *title = db_blob(st, 4, &title_len);
    bool has_peer = !db_is_null(st, 2);

    if (has_peer && (kind < PEER_USER || kind > PEER_CHANNEL)) {
        l->damaged++;
        return 0;
    }
    struct store_call *c = store_rows_add(&l->rows);
    if (!c)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    *c = (struct store_call){.account = l->account,
                             .id = db_int(st, 0),
                             .access_hash = db_int(st, 1),
                             .has_peer = has_peer,
                             .peer_kind = (enum peer_kind)kind,
                             .peer_id = db_int(st, 3),
                             .title_len = title_len,
                             .state = (int)db_int(st, 5),
                             .schedule_date = (int32_t)db_int(st, 6),
                             .duration = (int32_t)db_int(st, 7),
                             .rtmp_stream = db_int(st, 8) != 0,
                             .join_muted = db_int(st, 9) != 0,
                             .created_here = db_int(st, 10) != 0,
                             .end_inferred = db_int(st, 11) != 0,
                             .participants_count = (int32_t)db_int(st, 12),
                             .version = (int32_t)db_int(st, 13),
                             .created_at = db_int(st, 14),
                             .ended_at = db_int(st, 15),
                             .conference = db_int(st, 16) != 0,
                             .auto_start = (int)db_int(st, 18),
                             .missed_at = db_int(st, 19)};
    if (!db_is_null(st, 4) && !(c->title = store_load_copy(l, title, title_len)))
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    int err = read_link(s, l, account_id, st, c, fault);
    return err ? err : store_load_text(l, st, 20, &c->missed_why, fault);
}

static int run_load(struct store *s, struct store_op *op, struct fault *fault)
{
    static const char sql[] =
        "SELECT id, access_hash, peer_kind, peer_id, title, state, schedule_date, duration, rtmp_stream, join_muted,"
        " created_here, end_inferred, participants_count, version, created_at, ended_at, conference, link_sealed,"
        " auto_start, missed_at, missed_why FROM (SELECT * FROM calls"
        " WHERE account_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2) AS newest ORDER BY created_at, id";
    struct store_load *l = (struct store_load *)op;

    l->rows.row_size = sizeof(struct store_call);
    return store_load_each(s, l, sql, LIMIT_CALLS, read_call, fault);
}

static void complete_load(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;
    store_calls_fn *loaded = (store_calls_fn *)l->loaded;

    loaded(l->ctx, op->err, store_op_why(op), op->err ? NULL : l->rows.list, op->err ? 0 : l->rows.n, l->damaged);
}

int store_load_calls(struct store_desk *d, const char *account, store_calls_fn *loaded, void *ctx)
{
    static const struct store_kind kind = {.run = run_load, .complete = complete_load, STORE_LOAD};

    return store_load(d, &kind, account, (void (*)(void))loaded, ctx);
}
