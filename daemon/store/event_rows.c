#include "daemon/store/event_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/limits.h"
#include "daemon/crypto/seal.h"
#include "daemon/store/event_tally.h"
#include "daemon/store/load.h"
#include "daemon/store/put.h"
#include "daemon/store/sealed.h"

const struct store_sealed store_sealed_event = {"events", "data_sealed", 1, "SELECT id, data_sealed FROM events",
                                                "UPDATE events SET data_sealed = $1 WHERE id = $2"};

/* --- writes --- */

/* *RET_ADDED: it was not there yet. */
static int write_event(struct store *s, const struct store_event *e, struct buf *sealed, bool *ret_added,
                       struct fault *fault)
{
    static const char sql[] = "INSERT INTO events (id, account, type, received_at, data_sealed)"
                              " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING RETURNING id";
    struct db_stmt *st;
    int err = store_seal(s, &store_sealed_event, &e->id, e->data, e->len, sealed, fault);

    if (!err)
        err = db_prepare(s->db, sql, &st, fault);
    if (err)
        return err;
    db_bind_int(st, 1, e->id);
    db_bind_text(st, 2, e->account);
    db_bind_text(st, 3, e->type);
    db_bind_int(st, 4, e->received_at);
    db_bind_blob(st, 5, sealed->data, sealed->len);
    err = db_step(st, ret_added, fault);
    /* The next step ends it. */
    bool more = *ret_added;
    while (!err && more)
        err = db_step(st, &more, fault);
    return err;
}

/* The oldest go, until it is as few as are kept. */
static int drop_oldest(struct store *s, struct event_tally *t, struct fault *fault)
{
    static const char sql[] = "SELECT id, length(data_sealed) FROM events ORDER BY id";
    static const char drop[] = "DELETE FROM events WHERE id <= $1";
    struct event_tally left = *t;
    struct db_stmt *st;
    bool more = true;

    if (!event_tally_is_too_much(&left, &s->config))
        return 0;
    int err = db_prepare(s->db, sql, &st, fault);
    if (err)
        return err;
    while (!err && more && event_tally_is_too_much(&left, &s->config)) {
        err = db_step(st, &more, fault);
        if (!err && more) {
            left.n--;
            left.bytes -= db_int(st, 1);
            left.dropped = db_int(st, 0);
        }
    }
    db_reset(st);
    if (!err)
        err = db_prepare(s->db, drop, &st, fault);
    if (err)
        return err;
    db_bind_int(st, 1, left.dropped);
    err = db_run(st, fault);
    if (!err)
        *t = more ? left : (struct event_tally){.reserved = left.reserved, .dropped = left.dropped};
    return err;
}

static int write_events(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    const struct store_event *list = rows;
    struct event_tally tally;
    struct buf sealed;
    int err = event_tally_read(s, &tally, fault);

    (void)account;
    buf_init(&sealed, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    for (size_t i = 0; !err && i < n; i++) {
        bool is_added = false;
        err = write_event(s, &list[i], &sealed, &is_added, fault);
        if (!err && is_added) {
            tally.n++;
            tally.bytes += (int64_t)sealed.len;
        }
    }
    buf_fini(&sealed);
    if (!err)
        err = drop_oldest(s, &tally, fault);
    if (!err && list[n - 1].reserved > tally.reserved)
        tally.reserved = list[n - 1].reserved;
    return err ? err : event_tally_write(s, &tally, fault);
}

int store_put_events(struct store_desk *d, const struct store_event *rows, size_t n, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {
        STORE_PUT, .row_size = sizeof(struct store_event),
        .texts = {{offsetof(struct store_event, account), 0},
                  {offsetof(struct store_event, type), 0},
                  {offsetof(struct store_event, data), offsetof(struct store_event, len)}},
        .texts_n = 3, .write = write_events};

    return store_put(d, &kind, NULL, rows, n, done, ctx);
}

static int drop_all(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    static const char sql[] = "DELETE FROM events WHERE account = $1 AND id <= $2 RETURNING length(data_sealed)";
    struct event_tally tally;
    struct db_stmt *st;
    bool more = true;
    int err = event_tally_read(s, &tally, fault);

    (void)n;
    if (!err)
        err = db_prepare(s->db, sql, &st, fault);
    if (err)
        return err;
    db_bind_text(st, 1, account);
    db_bind_int(st, 2, *(const int64_t *)rows);
    while (!err && more) {
        err = db_step(st, &more, fault);
        if (!err && more) {
            tally.n--;
            tally.bytes -= db_int(st, 0);
        }
    }
    db_reset(st);
    return err ? err : event_tally_write(s, &tally, fault);
}

int store_drop_events(struct store_desk *d, const char *account, int64_t up_to, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(int64_t), .write = drop_all};

    return store_put(d, &kind, account, &up_to, 1, done, ctx);
}

static int write_end(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    struct event_tally tally;
    int err = event_tally_read(s, &tally, fault);

    (void)account, (void)n;
    tally.reserved = *(const int64_t *)rows;
    return err ? err : event_tally_write(s, &tally, fault);
}

int store_end_events(struct store_desk *d, int64_t newest, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(int64_t), .write = write_end};

    return store_put(d, &kind, NULL, &newest, 1, done, ctx);
}

/* --- loading --- */

static int read_event(struct store *s, struct store_load *l, struct db_stmt *st, struct buf *data, size_t *bytes,
                      struct fault *fault)
{
    int64_t id = db_int(st, 0);
    size_t len;
    const uint8_t *sealed = db_blob(st, 4, &len);
    int err = store_unseal(s, &store_sealed_event, &id, sealed, len, data, fault);

    if (err == TGC_EDAMAGED) {
        l->damaged++;
        return 0;
    }
    struct store_event *e = err ? NULL : store_rows_add(&l->rows);
    if (!e)
        return err ? err : fault_set(fault, TGC_ENOMEM, "out of memory");
    *e = (struct store_event){.id = id, .received_at = db_int(st, 3), .len = data->len};
    *bytes += data->len;
    err = store_load_text(l, st, 1, &e->account, fault);
    if (!err)
        err = store_load_text(l, st, 2, &e->type, fault);
    if (!err && !(e->data = store_load_copy(l, data->data, data->len)))
        err = fault_set(fault, TGC_ENOMEM, "out of memory");
    return err;
}

static int run_load(struct store *s, struct store_op *op, struct fault *fault)
{
    static const char sql[] =
        "SELECT id, account, type, received_at, data_sealed FROM events WHERE id > $1 ORDER BY id LIMIT $2";
    struct store_load *l = (struct store_load *)op;
    struct db_stmt *st;
    struct buf data;
    size_t bytes = 0;
    bool more = true;
    int err = db_prepare(s->db, sql, &st, fault);

    if (err)
        return err;
    l->rows.row_size = sizeof(struct store_event);
    buf_init(&data, LIMIT_STORE_VALUE + 1);
    db_bind_int(st, 1, l->after);
    db_bind_int(st, 2, l->limit);
    while (!err && more && bytes < STORE_EVENTS_BYTES) {
        err = db_step(st, &more, fault);
        if (!err && more)
            err = read_event(s, l, st, &data, &bytes, fault);
    }
    db_reset(st);
    buf_fini_secret(&data);
    return err;
}

static void complete_load(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;
    store_events_fn *loaded = (store_events_fn *)l->loaded;

    loaded(l->ctx, op->err, store_op_why(op), op->err ? NULL : l->rows.list, op->err ? 0 : l->rows.n, l->damaged,
           store_events_dropped(op->desk->store));
}

int store_load_events(struct store_desk *d, int64_t after, size_t limit, store_events_fn *loaded, void *ctx)
{
    static const struct store_kind kind = {.run = run_load, .complete = complete_load, STORE_LOAD};

    return store_load_page(d, &kind, after, (int64_t)limit, (void (*)(void))loaded, ctx);
}
