#include "daemon/store/event_rows.h"

#include <string.h>

#include "daemon/base/event_type.h"
#include "daemon/base/limits.h"
#include "daemon/crypto/seal.h"
#include "daemon/store/event_page.h"
#include "daemon/store/event_tally.h"
#include "daemon/store/put.h"
#include "daemon/store/tell.h"

static bool is_too_much(const struct store *s, const struct event_tally *t, int64_t n, int64_t bytes, int64_t oldest_n)
{
    const struct event_tally all = {.n = t->n + n, .bytes = t->bytes + bytes};

    return event_tally_is_too_much(&all, oldest_n, &s->config);
}

/* Counts what goes of the pages after LEFT->dropped: up to PAGES_AT_ONCE, as a server sends all that is asked for at
 * once. *RET_END: no more are to go, *RET_MORE: as there are any left that stay. */
enum { PAGES_AT_ONCE = 64 };
static int count_oldest(struct store *s, struct event_tally *left, int64_t n, int64_t bytes, bool *ret_end,
                        bool *ret_more, struct fault *fault)
{
    static const char sql[] = "SELECT last, n, length(page_sealed) FROM event_pages WHERE id > $1 ORDER BY id LIMIT $2";
    struct db_stmt *st;
    bool more = true;
    int seen = 0;
    int err = db_prepare(s->db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, left->dropped);
    db_bind_int(st, 2, PAGES_AT_ONCE);
    *ret_end = false;
    while (!err && more && !*ret_end) {
        err = db_step(st, &more, fault);
        if (err || !more)
            break;
        if (!is_too_much(s, left, n, bytes, db_int(st, 1))) {
            *ret_end = true;
            break;
        }
        left->n -= db_int(st, 1);
        left->bytes -= db_int(st, 2);
        left->dropped = db_int(st, 0);
        seen++;
    }
    db_reset(st);
    *ret_more = *ret_end || seen == PAGES_AT_ONCE;
    return err;
}

static int drop_up_to(struct store *s, int64_t id, struct fault *fault)
{
    struct db_stmt *st;
    int err = db_prepare(s->db, "DELETE FROM event_pages WHERE id <= $1", &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, id);
    return db_run(st, fault);
}

/* The oldest pages go, until there is not too much left, with N events more in BYTES that are about to come. A few at a
 * time: where much less is kept than was before, one statement for all would take a server longer than is waited. */
static int drop_oldest(struct store *s, struct event_tally *t, int64_t n, int64_t bytes, struct fault *fault)
{
    struct event_tally left = *t;
    bool more = true, end = false;
    int err = 0;

    if (!is_too_much(s, &left, n, bytes, 0))
        return 0;
    while (!err && more && !end) {
        int64_t before = left.dropped;
        err = count_oldest(s, &left, n, bytes, &end, &more, fault);
        if (!err && left.dropped != before)
            err = drop_up_to(s, left.dropped, fault);
    }
    if (!err && left.dropped != t->dropped)
        *t = more ? left
                  : (struct event_tally){.reserved = left.reserved,
                                         .dropped = left.dropped,
                                         .newest = left.newest,
                                         .forgotten = left.forgotten};
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
    int err = event_page_seal(s, f->first, &f->page, &f->squeezed, &f->sealed, fault);
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

/* What every change of the log ends with. */
static int end_change(struct store *s, const struct event_tally *tally, struct fault *fault)
{
    int err = event_tally_write(s, tally, fault);

    return err ? err : store_tell_event(s, fault);
}

/* What rows are numbered by that have no ids. */
struct numbers {
    int64_t seen; /* the newest id that anybody saw: those after it, up to a gap's own, are missing */
    char gap[EVENT_GAP_MAX];
};

static void number_row(struct store_event *e, int64_t id, struct numbers *numbers)
{
    e->id = id;
    if (!e->data) {
        e->type = EVENT_TYPE_GAP;
        e->len = event_gap_text(numbers->gap, (uint64_t)numbers->seen, (uint64_t)id, e->received_at);
        e->data = numbers->gap;
    }
    numbers->seen = id;
}

/* *LAST: of the newest row's; with NUMBERS the rows get those after it. */
static int write_rows(struct store *s, const struct store_event *list, size_t n, struct numbers *numbers, int64_t *last,
                      struct event_tally *tally, struct fault *fault)
{
    struct filling f = {0};
    int err = 0;

    buf_init(&f.page, LIMIT_STORE_VALUE);
    buf_init(&f.squeezed, LIMIT_STORE_VALUE);
    buf_init(&f.sealed, LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    for (size_t i = 0; !err && i < n; i++) {
        struct store_event e = list[i];
        if (numbers)
            number_row(&e, *last + 1, numbers);
        if (e.id <= *last)
            continue;
        *last = e.id;
        err = fill(s, &f, &e, tally, fault);
    }
    if (!err)
        err = write_page(s, &f, tally, fault);
    buf_fini_secret(&f.page);
    buf_fini_secret(&f.squeezed);
    buf_fini(&f.sealed);
    return err ? err : drop_oldest(s, tally, 0, 0, fault);
}

static int write_events(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    const struct store_event *list = rows;
    struct event_tally tally;
    int64_t last = 0;
    int err = event_tally_lock(s, &tally, fault);

    (void)account;
    if (!err)
        err = db_number(s->db, store_newest_event, &last, fault);
    if (!err)
        err = write_rows(s, list, n, NULL, &last, &tally, fault);
    if (!err && list[n - 1].reserved > tally.reserved)
        tally.reserved = list[n - 1].reserved;
    if (!err && list[n - 1].id > tally.newest)
        tally.newest = list[n - 1].id;
    return err ? err : end_change(s, &tally, fault);
}

static int append_events(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    struct event_tally tally;
    struct numbers numbers;
    int64_t last = 0;
    int err = event_tally_lock(s, &tally, fault);

    (void)account;
    if (!err)
        err = db_number(s->db, store_newest_event, &last, fault);
    if (err)
        return err;
    last = tally.newest > last ? tally.newest : last;
    numbers.seen = last;
    last = tally.reserved > last ? tally.reserved : last;
    err = write_rows(s, rows, n, &numbers, &last, &tally, fault);
    tally.newest = tally.reserved = last;
    return err ? err : end_change(s, &tally, fault);
}

int store_append_events(struct store_desk *d, const struct store_event *rows, size_t n, const struct store_loan *loan,
                        store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT_LENT, .row_size = sizeof(struct store_event),
                                               .write = append_events};

    return store_put_lent(d, &kind, rows, n, loan, done, ctx);
}

int store_lend_events(struct store_desk *d, const struct store_event *rows, size_t n, const struct store_loan *loan,
                      store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT_LENT, .row_size = sizeof(struct store_event),
                                               .write = write_events};

    return store_put_lent(d, &kind, rows, n, loan, done, ctx);
}

static int write_end(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    struct event_tally tally;
    int err = event_tally_lock(s, &tally, fault);

    (void)account, (void)n;
    tally.reserved = *(const int64_t *)rows;
    if (!err && tally.reserved > tally.newest)
        tally.newest = tally.reserved;
    return err ? err : end_change(s, &tally, fault);
}

int store_end_events(struct store_desk *d, int64_t newest, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(int64_t), .write = write_end};

    return store_put(d, &kind, NULL, &newest, 1, done, ctx);
}
