/* An account goes, and its events with it. */
#include "daemon/store/event_leave.h"

#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/crypto/seal.h"
#include "daemon/store/event_page.h"
#include "daemon/store/event_tally.h"
#include "daemon/store/event_rows.h"
#include "daemon/store/put.h"
#include "daemon/store/tell.h"

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
    int err = event_page_open(s, id, sealed, len, &l->page, &l->unpacked, &p, fault);

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
    return err || !*ret_left ? err : event_page_seal(s, id, &l->rest, &l->squeezed, &l->sealed, fault);
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

/* Up to PAGES_AT_ONCE after page *AFTER. A server sends all that is asked for at once. */
enum { PAGES_AT_ONCE = 16 };
static int leave_some(struct store *s, struct leaving *l, int64_t *after, bool *ret_more, struct event_tally *tally,
                      struct fault *fault)
{
    static const char sql[] = "SELECT id, n, page_sealed FROM event_pages WHERE id > $2"
                              " AND (account = $1 OR account IS NULL) ORDER BY id LIMIT $3";
    struct db_stmt *row;
    int seen = 0;
    int64_t left;
    size_t len;
    bool more = true;
    int err = db_prepare(s->db, sql, &row, fault);

    if (err)
        return err;
    db_bind_text(row, 1, l->account);
    db_bind_int(row, 2, *after);
    db_bind_int(row, 3, PAGES_AT_ONCE);
    while (!err && more) {
        err = db_step(row, &more, fault);
        if (err || !more)
            break;
        int64_t id = db_int(row, 0), n = db_int(row, 1);
        *after = id;
        seen++;
        db_blob(row, 2, &len);
        err = leave_page(s, l, row, &left, fault);
        if (err || left == n)
            continue;
        tally->n -= n - left;
        tally->bytes -= (int64_t)len - (left ? (int64_t)l->sealed.len : 0);
        err = write_left(s, l, id, left, fault);
    }
    db_reset(row);
    *ret_more = seen == PAGES_AT_ONCE;
    return err;
}

static int leave_pages(struct store *s, struct leaving *l, struct event_tally *tally, struct fault *fault)
{
    int64_t after = INT64_MIN;
    bool more = true;
    int err = 0;

    while (!err && more)
        err = leave_some(s, l, &after, &more, tally, fault);
    return err;
}

int store_leave_events(struct store *s, const char *account, int64_t up_to, struct fault *fault)
{
    struct leaving l = {.account = account, .account_len = strlen(account), .up_to = up_to};
    struct event_tally tally;
    int err = event_tally_lock(s, &tally, fault);

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
    tally.forgotten++;
    if (!err)
        err = event_tally_write(s, &tally, fault);
    return err ? err : store_tell_event(s, fault);
}

static int drop_all(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    (void)n;
    return store_leave_events(s, account, *(const int64_t *)rows, fault);
}

int store_drop_events(struct store_desk *d, const char *account, int64_t up_to, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(int64_t), .write = drop_all};

    return store_put(d, &kind, account, &up_to, 1, done, ctx);
}
