#include "tests/unit/worker/schedule_disk.h"

#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <utlist.h>

enum { ROWS_MAX = 64 };

struct row {
    struct store_schedule schedule; /* its texts are the row's own */
    struct row *prev, *next;
};

/* PUT where ROW is; else DROP of ID, or LOAD where that is 0. */
struct op {
    struct row *row;
    int64_t id;
    void (*done)(void);
    void *ctx;
    struct op *prev, *next;
};

static struct row *rows;
static struct op *ops;
static void (*on_commit)(const struct store_schedule *row);

static char *copy(const char *text)
{
    return text ? strdup(text) : NULL;
}

static void drop_text(const char *text)
{
    free((char *)(uintptr_t)text);
}

static struct row *row_new(const struct store_schedule *from)
{
    struct row *r = calloc(1, sizeof(*r));

    r->schedule = *from;
    r->schedule.account = copy(from->account);
    r->schedule.name = copy(from->name);
    r->schedule.spec = copy(from->spec);
    r->schedule.order = copy(from->order);
    r->schedule.last = copy(from->last);
    return r;
}

static void row_free(struct row *r)
{
    if (!r)
        return;
    drop_text(r->schedule.account);
    drop_text(r->schedule.name);
    drop_text(r->schedule.spec);
    drop_text(r->schedule.order);
    drop_text(r->schedule.last);
    free(r);
}

static void drop(int64_t id)
{
    struct row *r, *next;

    DL_FOREACH_SAFE(rows, r, next)
    {
        if (r->schedule.id != id)
            continue;
        DL_DELETE(rows, r);
        row_free(r);
    }
}

static void put(struct row *r)
{
    drop(r->schedule.id);
    DL_APPEND(rows, r);
}

void schedule_disk_put(const struct store_schedule *row)
{
    put(row_new(row));
}

const struct store_schedule *schedule_disk_find(const char *name)
{
    struct row *r;

    DL_FOREACH (rows, r)
        if (strcmp(r->schedule.name, name) == 0)
            return &r->schedule;
    return NULL;
}

/* --- what it is given --- */

static int give(const struct op *from)
{
    struct op *o = malloc(sizeof(*o));

    *o = *from;
    DL_APPEND(ops, o);
    return 0;
}

int store_put_schedule(struct store_desk *d, const struct store_schedule *row, store_done_fn *done, void *ctx)
{
    (void)d;
    return give(&(struct op){.row = row_new(row), .done = (void (*)(void))done, .ctx = ctx});
}

int store_drop_schedule(struct store_desk *d, int64_t id, store_done_fn *done, void *ctx)
{
    (void)d;
    return give(&(struct op){.id = id, .done = (void (*)(void))done, .ctx = ctx});
}

int store_load_schedules(struct store_desk *d, const char *account, store_schedules_fn *loaded, void *ctx)
{
    (void)d;
    (void)account;
    return give(&(struct op){.done = (void (*)(void))loaded, .ctx = ctx});
}

/* --- what comes of it --- */

static void load(const struct op *o)
{
    struct store_schedule list[ROWS_MAX];
    struct row *r;
    size_t n = 0;

    DL_FOREACH (rows, r) {
        ck_assert_uint_lt(n, ROWS_MAX);
        list[n++] = r->schedule;
    }
    ((store_schedules_fn *)o->done)(o->ctx, 0, NULL, list, n);
}

static void write(const struct op *o)
{
    if (o->row) {
        put(o->row);
        on_commit(&o->row->schedule);
    } else {
        drop(o->id);
    }
    ((store_done_fn *)o->done)(o->ctx, 0, NULL);
}

bool schedule_disk_has_work(void)
{
    return ops != NULL;
}

bool schedule_disk_step(void)
{
    struct op *o = ops;

    if (!o)
        return false;
    DL_DELETE(ops, o);
    if (o->row || o->id)
        write(o);
    else
        load(o);
    free(o);
    return true;
}

/* The room's own memory goes with it, but what it gave along. */
void schedule_disk_lose(void)
{
    struct op *o, *next;

    DL_FOREACH_SAFE(ops, o, next)
    {
        DL_DELETE(ops, o);
        row_free(o->row);
        if (o->row || o->id)
            free(o->ctx);
        free(o);
    }
}

void schedule_disk_set_up(void (*committed)(const struct store_schedule *row))
{
    rows = NULL;
    ops = NULL;
    on_commit = committed;
}

void schedule_disk_tear_down(void)
{
    schedule_disk_lose();
    while (rows)
        drop(rows->schedule.id);
}
