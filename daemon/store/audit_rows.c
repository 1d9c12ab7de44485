#include "daemon/store/audit_rows.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/base/limits.h"
#include "daemon/crypto/seal.h"
#include "daemon/store/event_squeeze.h"
#include "daemon/store/event_tally.h"
#include "daemon/store/load.h"
#include "daemon/store/meta.h"
#include "daemon/store/put.h"
#include "daemon/store/sealed.h"

/* A page of strangers has its number below 0: so each kind has its oldest at one end, and neither is looked through for
 * the other. */
const struct store_sealed store_sealed_audit = {"audit_pages",
                                                "page_sealed",
                                                1,
                                                "SELECT id, page_sealed FROM audit_pages",
                                                "UPDATE audit_pages SET page_sealed = $1 WHERE id = $2",
                                                "SELECT id, page_sealed FROM audit_pages WHERE id > $1"
                                                " ORDER BY id LIMIT $2"};

enum { STRANGERS_SHARE = 10 };
/* More than there can be of anything here: what a database says beyond that is damage. */
#define TOO_MUCH (INT64_C(1) << 60)

/* --- writes --- */

/* How much of one kind there is. */
struct tally {
    const char *name;
    int64_t n, bytes, keep, keep_bytes;
};

static int read_tally(struct store *s, bool of_strangers, struct tally *ret, struct fault *fault)
{
    int64_t share = of_strangers ? STRANGERS_SHARE : 1;
    char text[64];

    *ret = (struct tally){.name = of_strangers ? "audit_strangers" : "audit",
                          .keep = s->config.events_keep / share,
                          .keep_bytes = s->config.events_keep_bytes / share};
    int err = store_meta_text(s, ret->name, text, sizeof(text), fault);
    if (err)
        return err;
    if (text[0] && (sscanf(text, "%" SCNd64 " %" SCNd64, &ret->n, &ret->bytes) != 2 || ret->n < 0 || ret->bytes < 0 ||
                    ret->n > TOO_MUCH || ret->bytes > TOO_MUCH))
        return fault_set(fault, TGC_EDAMAGED, "the database does not say how long its audit is");
    return 0;
}

static int write_tally(struct store *s, const struct tally *t, struct fault *fault)
{
    char text[64];

    snprintf(text, sizeof(text), "%" PRId64 " %" PRId64, t->n, t->bytes);
    return store_meta_put_text(s, t->name, text, fault);
}

/* A row may say anything. */
static int64_t less(int64_t n, int64_t by)
{
    return by > 0 && by < n ? n - by : 0;
}

static int delete_page(struct store *s, int64_t id, struct fault *fault)
{
    struct db_stmt *st;
    int err = db_prepare(s->db, "DELETE FROM audit_pages WHERE id = $1", &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, id);
    return db_run(st, fault);
}

/* The oldest pages of that kind go, until there is room for N records more in BYTES. */
static int make_room(struct store *s, bool of_strangers, struct tally *t, int64_t n, int64_t bytes, struct fault *fault)
{
    static const char *const oldest[] = {
        "SELECT id, n, length(page_sealed) FROM audit_pages WHERE id > 0 ORDER BY id LIMIT 1",
        "SELECT id, n, length(page_sealed) FROM audit_pages WHERE id < 0 ORDER BY id DESC LIMIT 1"};
    struct db_stmt *st;
    bool more = true;
    int err = 0;

    while (!err && more && t->n > 0 && (t->n + n > t->keep || t->bytes + bytes > t->keep_bytes)) {
        err = db_prepare(s->db, oldest[of_strangers], &st, fault);
        if (err)
            return err;
        err = db_step(st, &more, fault);
        int64_t id = !err && more ? db_int(st, 0) : 0;
        if (id) {
            t->n = less(t->n, db_int(st, 1));
            t->bytes = less(t->bytes, db_int(st, 2));
        }
        db_reset(st);
        if (id)
            err = delete_page(s, id, fault);
    }
    if (!err && !more)
        t->n = t->bytes = 0;
    return err;
}

static int insert_page(struct store *s, int64_t id, const struct store_audit_page *p, const struct buf *sealed,
                       struct fault *fault)
{
    struct db_stmt *st;
    int err = db_prepare(s->db, "INSERT INTO audit_pages (id, n, page_sealed) VALUES ($1, $2, $3)", &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, id);
    db_bind_int(st, 2, p->n);
    db_bind_blob(st, 3, sealed->data, sealed->len);
    return db_run(st, fault);
}

static int write_page(struct store *s, int64_t id, const struct store_audit_page *p, struct buf bufs[static 2],
                      struct fault *fault)
{
    /* Borrowed as a buffer: it is only read. */
    const struct buf page = {.data = (uint8_t *)(uintptr_t)p->data, .len = p->len, .max = LIMIT_STORE_VALUE};
    const struct buf *squeezed = event_squeeze(&page, &bufs[0]);
    struct tally tally;
    int64_t key = p->of_strangers ? -id : id;
    int err = read_tally(s, p->of_strangers, &tally, fault);

    if (!err)
        err = store_seal(s, &store_sealed_audit, &key, squeezed->data, squeezed->len, &bufs[1], fault);
    if (!err)
        err = make_room(s, p->of_strangers, &tally, p->n, (int64_t)bufs[1].len, fault);
    if (!err)
        err = insert_page(s, key, p, &bufs[1], fault);
    tally.n += p->n;
    tally.bytes += (int64_t)bufs[1].len;
    return err ? err : write_tally(s, &tally, fault);
}

static int newest_id(struct store *s, int64_t *ret, struct fault *fault)
{
    int64_t strangers = 0;
    int err = db_number(s->db, "SELECT id FROM audit_pages WHERE id > 0 ORDER BY id DESC LIMIT 1", ret, fault);

    if (!err)
        err = db_number(s->db, "SELECT id FROM audit_pages WHERE id < 0 ORDER BY id LIMIT 1", &strangers, fault);
    if (!err && (strangers < -TOO_MUCH || *ret > TOO_MUCH))
        return fault_set(fault, TGC_EDAMAGED, "the database has pages of its audit that nobody wrote");
    if (!err && -strangers > *ret)
        *ret = -strangers;
    return err;
}

static int write_pages(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    const struct store_audit_page *pages = rows;
    struct buf bufs[2];
    int64_t id = 0;
    int err = store_log_wait(s, fault);

    (void)account;
    if (!err)
        err = newest_id(s, &id, fault);
    buf_init(&bufs[0], LIMIT_STORE_VALUE);
    buf_init(&bufs[1], LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    for (size_t i = 0; !err && i < n; i++)
        err = write_page(s, ++id, &pages[i], bufs, fault);
    buf_fini_secret(&bufs[0]);
    buf_fini(&bufs[1]);
    return err;
}

int store_put_audit(struct store_desk *d, const struct store_audit_page *pages, size_t n, store_done_fn *done,
                    void *ctx)
{
    static const struct store_put_kind kind = {
        STORE_PUT, .row_size = sizeof(struct store_audit_page),
        .texts = {{offsetof(struct store_audit_page, data), offsetof(struct store_audit_page, len)}}, .texts_n = 1,
        .write = write_pages};

    return store_put(d, &kind, NULL, pages, n, done, ctx);
}

/* --- loading --- */

static int64_t number_of(int64_t key)
{
    return key == INT64_MIN ? INT64_MAX : key < 0 ? -key : key;
}

static int add_page(struct store *s, struct store_load *l, struct db_stmt *row, struct buf bufs[static 2],
                    size_t *bytes, struct fault *fault)
{
    int64_t key = db_int(row, 0);
    struct event_pack pack;
    size_t len;
    const uint8_t *sealed = db_blob(row, 2, &len);
    int err = store_unseal(s, &store_sealed_audit, &key, sealed, len, &bufs[0], fault);

    if (!err)
        err = event_unsqueeze(&bufs[0], &bufs[1], &pack);
    if (err == TGC_EDAMAGED) {
        fault_clear(fault);
        l->damaged++;
        return 0;
    }
    if (err)
        return fault_set(fault, err, "%s", tgc_err_text(err));
    struct store_audit_page *p = store_rows_add(&l->rows);
    size_t n = (size_t)(pack.end - pack.at);
    const char *copy = p ? store_load_copy(l, pack.at, n) : NULL;
    if (!copy)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    *p = (struct store_audit_page){
        .id = number_of(key), .of_strangers = key < 0, .n = db_int(row, 1), .data = (const uint8_t *)copy, .len = n};
    *bytes += n;
    return 0;
}

/* One kind's pages, from the newest. */
struct side {
    struct db_stmt *st;
    int64_t id; /* of the page it stands at; 0: there is none more */
};

static int step(struct side *side, struct fault *fault)
{
    bool more;
    int err = db_step(side->st, &more, fault);

    if (err)
        return err;
    side->id = more ? number_of(db_int(side->st, 0)) : 0;
    return 0;
}

static int run_load(struct store *s, struct store_op *op, struct fault *fault)
{
    static const char *const sql[] = {
        "SELECT id, n, page_sealed FROM audit_pages WHERE id > 0 AND id < $1 ORDER BY id DESC LIMIT $2",
        "SELECT id, n, page_sealed FROM audit_pages WHERE id < 0 AND id > $1 ORDER BY id LIMIT $2"};
    struct store_load *l = (struct store_load *)op;
    struct side sides[2] = {0};
    struct buf bufs[2];
    size_t bytes = 0, seen = 0;
    int err = 0;

    l->rows.row_size = sizeof(struct store_audit_page);
    buf_init_secret(&bufs[0], LIMIT_STORE_VALUE + 1);
    buf_init_secret(&bufs[1], LIMIT_STORE_VALUE);
    for (size_t i = 0; i < 2 && !err; i++) {
        err = db_prepare(s->db, sql[i], &sides[i].st, fault);
        if (err)
            break;
        db_bind_int(sides[i].st, 1, i ? -l->after : l->after);
        db_bind_int(sides[i].st, 2, STORE_AUDIT_PAGES);
        err = step(&sides[i], fault);
    }
    while (!err && (sides[0].id || sides[1].id) && seen < STORE_AUDIT_PAGES && bytes < STORE_AUDIT_BYTES) {
        struct side *newer = &sides[sides[1].id > sides[0].id];
        l->dropped = newer->id;
        err = add_page(s, l, newer->st, bufs, &bytes, fault);
        seen++;
        if (!err)
            err = step(newer, fault);
    }
    if (!err && !sides[0].id && !sides[1].id)
        l->dropped = 0;
    for (size_t i = 0; i < 2; i++)
        if (sides[i].st)
            db_reset(sides[i].st);
    buf_fini_secret(&bufs[0]);
    buf_fini(&bufs[1]);
    return err;
}

static void complete_load(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;
    store_audit_fn *loaded = (store_audit_fn *)l->loaded;

    loaded(l->ctx, op->err, store_op_why(op), op->err ? NULL : l->rows.list, op->err ? 0 : l->rows.n, l->damaged,
           l->dropped);
}

int store_load_audit(struct store_desk *d, int64_t before, store_audit_fn *loaded, void *ctx)
{
    static const struct store_kind kind = {.run = run_load, .complete = complete_load, STORE_LOAD};

    return store_load_page(d, &kind, before, 0, (void (*)(void))loaded, ctx);
}
