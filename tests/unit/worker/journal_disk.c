#include "tests/unit/worker/journal_disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <jansson.h>
#include <utlist.h>

enum op_kind { OP_PUT, OP_DROP, OP_DROP_OLD, OP_LOAD, OP_LOAD_ANSWER, OP_LOAD_PLACE };

struct op {
    enum op_kind kind;
    struct disk_row *row;          /* PUT */
    int64_t number;                /* an id, or a time */
    char account[40];              /* LOAD */
    uint8_t key[STORE_INTENT_KEY]; /* LOAD_PLACE */
    void (*done)(void);
    void *ctx;
    struct op *prev, *next;
};

static struct disk_row *rows;
static struct op *ops;
static enum disk_mood mood;

void disk_set_up(void)
{
    rows = NULL;
    ops = NULL;
    mood = DISK_WRITES;
}

void disk_set_mood(enum disk_mood m)
{
    mood = m;
}

/* --- rows --- */

static void row_free(struct disk_row *r)
{
    if (!r)
        return;
    free((char *)(uintptr_t)r->intent.order);
    free((char *)(uintptr_t)r->intent.answer);
    free(r);
}

static char *copy(const char *text, size_t len)
{
    return text ? strndup(text, len) : NULL;
}

static struct disk_row *row_new(const struct store_intent *from)
{
    struct disk_row *r = calloc(1, sizeof(*r));

    r->intent = *from;
    r->intent.order = copy(from->order, from->order_len);
    r->intent.answer = copy(from->answer, from->answer_len);
    snprintf(r->account, sizeof(r->account), "%s", from->account ? from->account : "");
    r->intent.account = from->account ? r->account : NULL;
    if (from->key)
        memcpy(r->key, from->key, sizeof(r->key));
    r->intent.key = from->key ? r->key : NULL;
    return r;
}

static struct disk_row *find(int64_t id)
{
    struct disk_row *r;

    DL_FOREACH (rows, r)
        if (r->intent.id == id)
            return r;
    return NULL;
}

static struct disk_row *find_key(const uint8_t *key)
{
    struct disk_row *r;

    DL_FOREACH (rows, r)
        if (key && r->intent.key && memcmp(r->key, key, sizeof(r->key)) == 0)
            return r;
    return NULL;
}

static void drop(struct disk_row *r)
{
    if (!r)
        return;
    DL_DELETE(rows, r);
    row_free(r);
}

static int by_age(const struct disk_row *a, const struct disk_row *b)
{
    return a->intent.created_us < b->intent.created_us ? -1 : a->intent.created_us > b->intent.created_us;
}

static void put(struct disk_row *r)
{
    drop(find(r->intent.id));
    DL_APPEND(rows, r);
    DL_SORT(rows, by_age);
}

void disk_put(const struct store_intent *row)
{
    put(row_new(row));
}

size_t disk_rows_n(void)
{
    struct disk_row *r;
    size_t n;

    DL_COUNT(rows, r, n);
    return n;
}

struct disk_row *disk_only(void)
{
    ck_assert_uint_eq(disk_rows_n(), 1);
    return rows;
}

static json_t *read_text(const char *text, size_t len)
{
    static json_t *last;

    json_decref(last);
    last = text ? json_loadb(text, len, JSON_ALLOW_NUL, NULL) : NULL;
    return last;
}

json_t *disk_order(const struct disk_row *row)
{
    return read_text(row->intent.order, row->intent.order_len);
}

json_t *disk_answer(const struct disk_row *row)
{
    return read_text(row->intent.answer, row->intent.answer_len);
}

/* --- what it is given --- */

static int give(const struct op *from)
{
    struct op *o;

    if (mood == DISK_REFUSES) {
        row_free(from->row);
        return TGC_ELIMIT;
    }
    o = malloc(sizeof(*o));
    *o = *from;
    DL_APPEND(ops, o);
    return 0;
}

int store_put_intent(struct store_desk *d, const struct store_intent *row, store_done_fn *done, void *ctx)
{
    (void)d;
    return give(&(struct op){.kind = OP_PUT, .row = row_new(row), .done = (void (*)(void))done, .ctx = ctx});
}

int store_drop_intent(struct store_desk *d, int64_t id, store_done_fn *done, void *ctx)
{
    (void)d;
    return give(&(struct op){.kind = OP_DROP, .number = id, .done = (void (*)(void))done, .ctx = ctx});
}

int store_drop_old_intents(struct store_desk *d, int64_t created_us, store_done_fn *done, void *ctx)
{
    (void)d;
    return give(&(struct op){.kind = OP_DROP_OLD, .number = created_us, .done = (void (*)(void))done, .ctx = ctx});
}

int store_load_intents(struct store_desk *d, const char *account, store_intents_fn *loaded, void *ctx)
{
    struct op o = {.kind = OP_LOAD, .done = (void (*)(void))loaded, .ctx = ctx};

    (void)d;
    snprintf(o.account, sizeof(o.account), "%s", account);
    return give(&o);
}

int store_load_intent_answer(struct store_desk *d, int64_t id, store_intent_answer_fn *loaded, void *ctx)
{
    (void)d;
    return give(&(struct op){.kind = OP_LOAD_ANSWER, .number = id, .done = (void (*)(void))loaded, .ctx = ctx});
}

int store_load_intent_place(struct store_desk *d, const uint8_t key[static STORE_INTENT_KEY],
                            store_intent_place_fn *loaded, void *ctx)
{
    struct op o = {.kind = OP_LOAD_PLACE, .done = (void (*)(void))loaded, .ctx = ctx};

    (void)d;
    memcpy(o.key, key, sizeof(o.key));
    return give(&o);
}

/* --- what comes of it --- */

static void load(const struct op *o)
{
    struct store_intent *list = calloc(disk_rows_n() + 1, sizeof(*list));
    struct disk_row *r;
    size_t n = 0;

    DL_FOREACH (rows, r)
        if (strcmp(r->account, o->account) == 0) {
            list[n] = r->intent;
            list[n++].answer = NULL;
        }
    ((store_intents_fn *)o->done)(o->ctx, 0, NULL, list, n);
    free(list);
}

static void load_answer(const struct op *o)
{
    const struct disk_row *r = find(o->number);

    ((store_intent_answer_fn *)o->done)(o->ctx, 0, NULL, r ? r->intent.answer : NULL, r ? r->intent.answer_len : 0);
}

static void load_place(const struct op *o)
{
    const struct disk_row *r = find_key(o->key);

    ((store_intent_place_fn *)o->done)(o->ctx, 0, NULL, r ? r->intent.id : 0, r ? r->intent.account : NULL);
}

static void drop_old(int64_t created_us)
{
    struct disk_row *r, *next;

    DL_FOREACH_SAFE(rows, r, next)
    if (r->intent.created_us < created_us)
        drop(r);
}

static void change(struct op *o)
{
    if (mood != DISK_WRITES) {
        row_free(o->row);
        ((store_done_fn *)o->done)(o->ctx, TGC_ESYSTEM, "the disk is full");
        return;
    }
    const struct disk_row *other = o->kind == OP_PUT ? find_key(o->row->intent.key) : NULL;
    if (other && other->intent.id != o->row->intent.id) {
        row_free(o->row);
        ((store_done_fn *)o->done)(o->ctx, TGC_EEXIST, "another row has the key");
        return;
    }
    if (o->kind == OP_PUT)
        put(o->row);
    else if (o->kind == OP_DROP)
        drop(find(o->number));
    else
        drop_old(o->number);
    ((store_done_fn *)o->done)(o->ctx, 0, NULL);
}

bool disk_step(void)
{
    struct op *o = ops;

    if (!o)
        return false;
    DL_DELETE(ops, o);
    if (o->kind == OP_LOAD)
        load(o);
    else if (o->kind == OP_LOAD_ANSWER)
        load_answer(o);
    else if (o->kind == OP_LOAD_PLACE)
        load_place(o);
    else
        change(o);
    free(o);
    return true;
}

bool disk_has_work(void)
{
    return ops != NULL;
}

bool disk_is_reading(void)
{
    const struct op *o;

    DL_FOREACH (ops, o)
        if (o->kind == OP_LOAD_ANSWER || o->kind == OP_LOAD_PLACE)
            return true;
    return false;
}

void disk_run(void)
{
    while (disk_step())
        ;
}

/* The journal's own memory goes with it, but what it gave along. */
void disk_lose(void)
{
    struct op *o, *next;

    DL_FOREACH_SAFE(ops, o, next)
    {
        DL_DELETE(ops, o);
        row_free(o->row);
        if (o->kind == OP_PUT)
            free(o->ctx);
        ck_assert_msg(o->kind != OP_LOAD_ANSWER && o->kind != OP_LOAD_PLACE, "who asked for an answer waits for it");
        free(o);
    }
}

void disk_tear_down(void)
{
    disk_run();
    while (rows)
        drop(rows);
    json_decref(read_text(NULL, 0));
}
