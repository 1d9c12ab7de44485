#include "tests/unit/worker/live_disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <utlist.h>

#include "daemon/store/live_rows.h"

struct row {
    struct store_live live; /* its texts are the row's own */
    char account[40];
    struct row *prev, *next;
};

struct op {
    struct row *row; /* what is put, or whose place is to be empty */
    bool is_put;
    store_live_fn *loaded; /* a load, of ROW's account */
    store_done_fn *done;
    void *ctx;
    struct op *prev, *next;
};

static struct row *rows;
static struct op *ops;

void live_disk_set_up(void)
{
    rows = NULL;
    ops = NULL;
}

/* --- rows --- */

static struct row *row_new(const char *account, enum peer_kind kind, int64_t id, const char *wish, size_t len)
{
    struct row *r = calloc(1, sizeof(*r));

    snprintf(r->account, sizeof(r->account), "%s", account);
    r->live = (struct store_live){.account = r->account,
                                  .peer_kind = kind,
                                  .peer_id = id,
                                  .wish = wish ? strndup(wish, len) : NULL,
                                  .wish_len = len};
    return r;
}

static void row_free(struct row *r)
{
    free((char *)(uintptr_t)r->live.wish);
    free(r);
}

static bool is_place(const struct row *a, const struct row *b)
{
    return strcmp(a->account, b->account) == 0 && a->live.peer_kind == b->live.peer_kind &&
           a->live.peer_id == b->live.peer_id;
}

static void empty(const struct row *place)
{
    struct row *r, *next;

    DL_FOREACH_SAFE(rows, r, next)
    if (is_place(r, place)) {
        DL_DELETE(rows, r);
        row_free(r);
    }
}

size_t live_disk_rows_n(void)
{
    struct row *r;
    size_t n;

    DL_COUNT(rows, r, n);
    return n;
}

/* --- what it is given --- */

static int give(struct op from)
{
    struct op *o = malloc(sizeof(*o));

    *o = from;
    DL_APPEND(ops, o);
    return 0;
}

int store_put_live(struct store_desk *d, const struct store_live *row, store_done_fn *done, void *ctx)
{
    (void)d;
    return give((struct op){.row = row_new(row->account, row->peer_kind, row->peer_id, row->wish, row->wish_len),
                            .is_put = true,
                            .done = done,
                            .ctx = ctx});
}

int store_drop_live(struct store_desk *d, const char *account, enum peer_kind kind, int64_t peer_id,
                    store_done_fn *done, void *ctx)
{
    (void)d;
    return give((struct op){.row = row_new(account, kind, peer_id, NULL, 0), .done = done, .ctx = ctx});
}

int store_load_live(struct store_desk *d, const char *account, store_live_fn *loaded, void *ctx)
{
    (void)d;
    return give((struct op){.row = row_new(account, PEER_USER, 0, NULL, 0), .loaded = loaded, .ctx = ctx});
}

/* --- what comes of it --- */

static void load(const struct op *o)
{
    struct store_live *list = calloc(live_disk_rows_n() + 1, sizeof(*list));
    const struct row *r;
    size_t n = 0;

    DL_FOREACH (rows, r)
        if (strcmp(r->account, o->row->account) == 0)
            list[n++] = r->live;
    o->loaded(o->ctx, 0, NULL, list, n);
    free(list);
}

static struct op *take(void)
{
    struct op *o = ops;

    if (o)
        DL_DELETE(ops, o);
    return o;
}

bool live_disk_step(void)
{
    struct op *o = take();

    if (!o)
        return false;
    if (o->loaded) {
        load(o);
        row_free(o->row);
    } else {
        empty(o->row);
        if (o->is_put)
            DL_APPEND(rows, o->row);
        else
            row_free(o->row);
        o->done(o->ctx, 0, NULL);
    }
    free(o);
    return true;
}

void live_disk_lose(void)
{
    struct op *o;

    while ((o = take()) != NULL) {
        ck_assert_msg(!o->loaded, "who loads waits for it");
        row_free(o->row);
        o->done(o->ctx, TGC_ESYSTEM, "the power is gone");
        free(o);
    }
}

void live_disk_tear_down(void)
{
    ck_assert_ptr_null(ops);
    while (rows)
        empty(rows);
}
