#include "daemon/store/event_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/crypto/seal.h"
#include "daemon/store/event_pack.h"
#include "daemon/store/event_squeeze.h"
#include "daemon/store/event_tally.h"
#include "daemon/store/load.h"
#include "daemon/store/put.h"
#include "daemon/store/sealed.h"

const struct store_sealed store_sealed_event = {"event_pages", "page_sealed", 1,
                                                "SELECT id, page_sealed FROM event_pages",
                                                "UPDATE event_pages SET page_sealed = $1 WHERE id = $2"};

/* --- writes --- */

static bool is_too_much(const struct store *s, const struct event_tally *t, int64_t n, int64_t bytes, int64_t oldest_n)
{
    const struct event_tally all = {.n = t->n + n, .bytes = t->bytes + bytes};

    return event_tally_is_too_much(&all, oldest_n, &s->config);
}

/* The oldest pages go, until there is not too much left, with N events more in BYTES that are about to come. */
static int drop_oldest(struct store *s, struct event_tally *t, int64_t n, int64_t bytes, struct fault *fault)
{
    static const char sql[] = "SELECT last, n, length(page_sealed) FROM event_pages ORDER BY id";
    static const char drop[] = "DELETE FROM event_pages WHERE id <= $1";
    struct event_tally left = *t;
    struct db_stmt *st;
    bool more = true;

    if (!is_too_much(s, &left, n, bytes, 0))
        return 0;
    int err = db_prepare(s->db, sql, &st, fault);
    if (err)
        return err;
    while (!err && more) {
        err = db_step(st, &more, fault);
        if (err || !more || !is_too_much(s, &left, n, bytes, db_int(st, 1)))
            break;
        left.n -= db_int(st, 1);
        left.bytes -= db_int(st, 2);
        left.dropped = db_int(st, 0);
    }
    db_reset(st);
    if (err || left.dropped == t->dropped)
        return err;
    err = db_prepare(s->db, drop, &st, fault);
    if (err)
        return err;
    db_bind_int(st, 1, left.dropped);
    err = db_run(st, fault);
    if (!err)
        *t = more ? left : (struct event_tally){.reserved = left.reserved, .dropped = left.dropped};
    return err;
}

/* A page that is being filled; its row bears the id of its first event. */
struct filling {
    struct buf page, squeezed, sealed;
    int64_t first, last, n;
    const char *account; /* whose they all are; NULL: of several */
};

/* What it takes the place of goes first: the database puts it where that was, and writes those pages once. */
static int write_page(struct store *s, struct filling *f, struct event_tally *tally, struct fault *fault)
{
    static const char sql[] = "INSERT INTO event_pages (id, last, n, account, page_sealed) VALUES ($1, $2, $3, $4, $5)";
    struct db_stmt *st;

    if (!f->n)
        return 0;
    if (buf_err(&f->page))
        return fault_set(fault, buf_err(&f->page), "%s", tgc_err_text(buf_err(&f->page)));
    const struct buf *page = event_squeeze(&f->page, &f->squeezed);
    int err = store_seal(s, &store_sealed_event, &f->first, page->data, page->len, &f->sealed, fault);
    if (!err)
        err = drop_oldest(s, tally, f->n, (int64_t)f->sealed.len, fault);
    if (!err)
        err = db_prepare(s->db, sql, &st, fault);
    if (err)
        return err;
    db_bind_int(st, 1, f->first);
    db_bind_int(st, 2, f->last);
    db_bind_int(st, 3, f->n);
    db_bind_text(st, 4, f->account);
    db_bind_blob(st, 5, f->sealed.data, f->sealed.len);
    err = db_run(st, fault);
    tally->n += f->n;
    tally->bytes += (int64_t)f->sealed.len;
    f->n = 0;
    buf_reset(&f->page);
    return err;
}

static int fill(struct store *s, struct filling *f, const struct store_event *e, struct event_tally *tally,
                struct fault *fault)
{
    if (!f->n)
        f->first = e->id;
    if (!f->n || (f->account && strcmp(f->account, e->account) != 0))
        f->account = f->n ? NULL : e->account;
    event_pack_add(&f->page, e);
    f->last = e->id;
    f->n++;
    return f->page.len < EVENT_PACK_BYTES ? 0 : write_page(s, f, tally, fault);
}

static int write_events(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    const struct store_event *list = rows;
    struct event_tally tally;
    struct filling f = {0};
    int64_t newest = 0;
    int err = event_tally_read(s, &tally, fault);

    (void)account;
    buf_init(&f.page, LIMIT_STORE_VALUE);
    buf_init(&f.squeezed, LIMIT_STORE_VALUE);
    buf_init(&f.sealed, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    if (!err)
        err = db_number(s->db, store_newest_event, &newest, fault);
    for (size_t i = 0; !err && i < n; i++)
        if (list[i].id > newest)
            err = fill(s, &f, &list[i], &tally, fault);
    if (!err)
        err = write_page(s, &f, &tally, fault);
    buf_fini_secret(&f.page);
    buf_fini_secret(&f.squeezed);
    buf_fini(&f.sealed);
    if (!err)
        err = drop_oldest(s, &tally, 0, 0, fault);
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

int store_lend_events(struct store_desk *d, const struct store_event *rows, size_t n, const struct store_loan *loan,
                      store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT_LENT, .row_size = sizeof(struct store_event),
                                               .write = write_events};

    return store_put_lent(d, &kind, rows, n, loan, done, ctx);
}

/* --- reading a page --- */

/* What row ID's SEALED has to be read, in PAGE or UNPACKED. */
static int open_page(struct store *s, int64_t id, const uint8_t *sealed, size_t len, struct buf *page,
                     struct buf *unpacked, struct event_pack *ret, struct fault *fault)
{
    int err = store_unseal(s, &store_sealed_event, &id, sealed, len, page, fault);

    if (err)
        return err;
    err = event_unsqueeze(page, unpacked, ret);
    return err ? fault_set(fault, err, "%s", tgc_err_text(err)) : 0;
}

/* --- an account goes --- */

/* The page of row ROW (id, n, page_sealed) without its events up to UP_TO. */
struct leaving {
    const char *account;
    size_t account_len;
    int64_t up_to;
    struct buf page, unpacked, rest, squeezed, sealed;
};

/* RET_LEFT events are in L->rest. What does not open is nobody's to read, and stays. */
static int leave_page(struct store *s, struct leaving *l, struct db_stmt *row, int64_t *ret_left, struct fault *fault)
{
    int64_t id = db_int(row, 0);
    struct event_packed e;
    size_t len;
    bool more = true;
    const uint8_t *sealed = db_blob(row, 2, &len);
    struct event_pack p;
    int err = open_page(s, id, sealed, len, &l->page, &l->unpacked, &p, fault);

    *ret_left = 0;
    buf_reset(&l->rest);
    while (!err && more) {
        err = event_pack_next(&p, &e, &more);
        if (err || !more ||
            (e.id <= l->up_to && e.account_len == l->account_len && memcmp(e.account, l->account, e.account_len) == 0))
            continue;
        buf_put(&l->rest, e.bytes, e.bytes_len);
        ++*ret_left;
    }
    if (err == TGC_EDAMAGED) {
        fault_clear(fault);
        *ret_left = db_int(row, 1);
        return 0;
    }
    if (!err && buf_err(&l->rest))
        err = fault_set(fault, buf_err(&l->rest), "%s", tgc_err_text(buf_err(&l->rest)));
    if (err || !*ret_left)
        return err;
    const struct buf *rest = event_squeeze(&l->rest, &l->squeezed);
    return store_seal(s, &store_sealed_event, &id, rest->data, rest->len, &l->sealed, fault);
}

static int write_left(struct store *s, const struct leaving *l, int64_t id, int64_t left, struct fault *fault)
{
    static const char update[] = "UPDATE event_pages SET n = $1, page_sealed = $2 WHERE id = $3";
    static const char drop[] = "DELETE FROM event_pages WHERE id = $1";
    struct db_stmt *st;
    int err = db_prepare(s->db, left ? update : drop, &st, fault);

    if (err)
        return err;
    if (left) {
        db_bind_int(st, 1, left);
        db_bind_blob(st, 2, l->sealed.data, l->sealed.len);
    }
    db_bind_int(st, left ? 3 : 1, id);
    return db_run(st, fault);
}

static int leave_pages(struct store *s, struct leaving *l, struct event_tally *tally, struct fault *fault)
{
    static const char sql[] = "SELECT id, n, page_sealed FROM event_pages WHERE account = $1 OR account IS NULL";
    struct db_stmt *row;
    int64_t left;
    size_t len;
    bool more = true;
    int err = db_prepare(s->db, sql, &row, fault);

    if (err)
        return err;
    db_bind_text(row, 1, l->account);
    while (!err && more) {
        err = db_step(row, &more, fault);
        if (err || !more)
            break;
        int64_t id = db_int(row, 0), n = db_int(row, 1);
        db_blob(row, 2, &len);
        err = leave_page(s, l, row, &left, fault);
        if (err || left == n)
            continue;
        tally->n -= n - left;
        tally->bytes -= (int64_t)len - (left ? (int64_t)l->sealed.len : 0);
        err = write_left(s, l, id, left, fault);
    }
    db_reset(row);
    return err;
}

static int drop_all(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    struct leaving l = {.account = account, .account_len = strlen(account), .up_to = *(const int64_t *)rows};
    struct event_tally tally;
    int err = event_tally_read(s, &tally, fault);

    (void)n;
    buf_init(&l.page, LIMIT_STORE_VALUE + 1);
    buf_init_secret(&l.unpacked, LIMIT_STORE_VALUE);
    buf_init(&l.rest, LIMIT_STORE_VALUE + 1);
    buf_init(&l.squeezed, LIMIT_STORE_VALUE);
    buf_init(&l.sealed, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    if (!err)
        err = leave_pages(s, &l, &tally, fault);
    buf_fini_secret(&l.page);
    buf_fini_secret(&l.unpacked);
    buf_fini_secret(&l.rest);
    buf_fini_secret(&l.squeezed);
    buf_fini(&l.sealed);
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
    int err = open_page(s, id, sealed, len, &bufs[0], &bufs[1], &p, fault);

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

static int run_load(struct store *s, struct store_op *op, struct fault *fault)
{
    static const char sql[] =
        "SELECT id, n, page_sealed, last FROM event_pages WHERE id >= coalesce((SELECT max(id) FROM"
        " event_pages WHERE id <= $1), 0) ORDER BY id";
    struct store_load *l = (struct store_load *)op;
    struct event_tally tally;
    struct db_stmt *st;
    struct buf bufs[2];
    size_t bytes = 0;
    bool more = true;
    int err = event_tally_read(s, &tally, fault);

    if (!err)
        err = db_prepare(s->db, sql, &st, fault);
    if (err)
        return err;
    l->dropped = tally.dropped;
    l->rows.row_size = sizeof(struct store_event);
    buf_init(&bufs[0], LIMIT_STORE_VALUE + 1);
    buf_init_secret(&bufs[1], LIMIT_STORE_VALUE);
    db_bind_int(st, 1, l->after);
    while (!err && more && !is_full(l, bytes)) {
        err = db_step(st, &more, fault);
        if (!err && more)
            err = read_page(s, l, st, bufs, &bytes, fault);
    }
    db_reset(st);
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
