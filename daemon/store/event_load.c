#include "daemon/base/limits.h"
#include "daemon/store/event_page.h"
#include "daemon/store/event_rows.h"
#include "daemon/store/event_tally.h"
#include "daemon/store/load.h"

static int add_event(struct store_load *l, const struct event_packed *from, struct fault *fault)
{
    struct store_event *e = store_rows_add(&l->rows);

    if (!e)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    *e = (struct store_event){.id = from->id,
                              .account = store_load_copy(l, from->account, from->account_len),
                              .type = store_load_copy(l, from->type, from->type_len),
                              .received_at = from->received_at,
                              .data = store_load_copy(l, from->data, from->len),
                              .len = from->len};
    return e->account && e->type && e->data ? 0 : fault_set(fault, TGC_ENOMEM, "out of memory");
}

static bool is_full(const struct store_load *l, size_t bytes)
{
    return (int64_t)l->rows.n >= l->limit || bytes >= STORE_EVENTS_BYTES;
}

static int add_damaged(struct store_load *l, int64_t first, int64_t last, struct fault *fault)
{
    struct store_event *e = store_rows_add(&l->rows);

    if (!e)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    *e = (struct store_event){.id = last, .lost_after = first - 1 > l->after ? first - 1 : l->after};
    return 0;
}

/* Of the row id, n, page_sealed, last. What is damaged is damaged as a whole, up to LAST; else the page itself says
 * what it has: LAST is not sealed. */
static int read_page(struct store *s, struct store_load *l, struct db_stmt *st, struct buf bufs[static 2],
                     size_t *bytes, struct fault *fault)
{
    int64_t id = db_int(st, 0), last = db_int(st, 3);
    struct event_packed e;
    size_t len, before = l->rows.n;
    bool more = true;

    const uint8_t *sealed = db_blob(st, 2, &len);
    struct event_pack p;
    int err = event_page_open(s, id, sealed, len, &bufs[0], &bufs[1], &p, fault);

    while (!err && more && !is_full(l, *bytes)) {
        err = event_pack_next(&p, &e, &more);
        if (err || !more || e.id <= l->after)
            continue;
        err = add_event(l, &e, fault);
        *bytes += e.len;
    }
    if (err == TGC_EDAMAGED) {
        fault_clear(fault);
        l->rows.n = before;
        if (last <= l->after)
            return 0;
        l->damaged += (size_t)db_int(st, 1);
        err = add_damaged(l, id, last, fault);
    }
    return err;
}

/* The page that AFTER is in, or the first after it. */
static int first_page(struct store *s, int64_t after, int64_t *ret_id, struct fault *fault)
{
    static const char sql[] = "SELECT coalesce(max(id), 0) FROM event_pages WHERE id <= $1";
    struct db_stmt *st;
    bool row;
    int err = db_prepare(s->db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, after);
    err = db_step(st, &row, fault);
    if (!err)
        *ret_id = db_int(st, 0);
    db_reset(st);
    return err;
}

/* Up to PAGES_AT_ONCE from page *ID on, which is then the next. *RET_MORE: there may be more. A server sends all that
 * is asked for at once. */
enum { PAGES_AT_ONCE = 16 };
static int read_pages(struct store *s, struct store_load *l, int64_t *id, struct buf bufs[static 2], size_t *bytes,
                      bool *ret_more, struct fault *fault)
{
    static const char sql[] = "SELECT id, n, page_sealed, last FROM event_pages WHERE id >= $1 ORDER BY id LIMIT $2";
    struct db_stmt *st;
    bool more = true;
    int n = 0;
    int err = db_prepare(s->db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, *id);
    db_bind_int(st, 2, PAGES_AT_ONCE);
    while (!err && more && !is_full(l, *bytes)) {
        err = db_step(st, &more, fault);
        if (err || !more)
            break;
        *id = db_int(st, 0) + 1;
        n++;
        err = read_page(s, l, st, bufs, bytes, fault);
    }
    db_reset(st);
    *ret_more = n == PAGES_AT_ONCE;
    return err;
}

static int run_load(struct store *s, struct store_op *op, struct fault *fault)
{
    struct store_load *l = (struct store_load *)op;
    struct event_tally tally;
    struct buf bufs[2];
    size_t bytes = 0;
    int64_t id = 0;
    bool more = true;
    int err = event_tally_read(s, &tally, fault);

    if (!err)
        err = first_page(s, l->after, &id, fault);
    if (err)
        return err;
    l->dropped = tally.dropped;
    l->rows.row_size = sizeof(struct store_event);
    buf_init(&bufs[0], LIMIT_STORE_VALUE + 1);
    buf_init_secret(&bufs[1], LIMIT_STORE_VALUE);
    while (!err && more && !is_full(l, bytes))
        err = read_pages(s, l, &id, bufs, &bytes, &more, fault);
    buf_fini_secret(&bufs[0]);
    buf_fini_secret(&bufs[1]);
    return err;
}

static void complete_load(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;
    store_events_fn *loaded = (store_events_fn *)l->loaded;

    loaded(l->ctx, op->err, store_op_why(op), op->err ? NULL : l->rows.list, op->err ? 0 : l->rows.n, l->damaged,
           l->dropped);
}

int store_load_events(struct store_desk *d, int64_t after, size_t limit, store_events_fn *loaded, void *ctx)
{
    static const struct store_kind kind = {.run = run_load, .complete = complete_load, STORE_LOAD};

    return store_load_page(d, &kind, after, (int64_t)limit, (void (*)(void))loaded, ctx);
}
