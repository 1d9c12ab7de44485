#include "daemon/store/load.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/store/put.h"

enum { CHUNK = 8 << 10 };

struct store_chunk {
    struct store_chunk *next;
    size_t used, size;
    char bytes[];
};

static void rows_free(struct store_rows *r)
{
    if (r->list)
        explicit_bzero(r->list, r->n * r->row_size);
    free(r->list);
    *r = (struct store_rows){0};
}

void store_load_fini(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;

    l->damaged = 0;
    rows_free(&l->rows);
    rows_free(&l->keys);
    while (l->chunks) {
        struct store_chunk *next = l->chunks->next;
        explicit_bzero(l->chunks->bytes, l->chunks->used);
        free(l->chunks);
        l->chunks = next;
    }
}

int store_load(struct store_desk *d, const struct store_kind *kind, const char *account, void (*loaded)(void),
               void *ctx)
{
    size_t size = strnlen(account, LIMIT_STORE_VALUE) + 1;

    if (size > LIMIT_STORE_VALUE)
        return TGC_ELIMIT;
    struct store_op *op = store_op_new(d, kind, sizeof(struct store_load) + size);
    if (!op)
        return TGC_ENOMEM;
    struct store_load *l = (struct store_load *)op;
    l->loaded = loaded;
    l->ctx = ctx;
    memcpy(l->account, account, size);
    return store_submit(op);
}

int store_load_part(struct store_desk *d, const struct store_kind *kind, const struct store_part *part,
                    void (*loaded)(void), void *ctx)
{
    struct store_op *op = store_op_new(d, kind, sizeof(struct store_load) + 1);

    if (!op)
        return TGC_ENOMEM;
    struct store_load *l = (struct store_load *)op;
    l->loaded = loaded;
    l->ctx = ctx;
    l->of = part->of;
    l->after = part->after;
    l->until = part->until;
    l->limit = part->limit;
    l->which = part->which;
    return store_submit(op);
}

int store_load_page(struct store_desk *d, const struct store_kind *kind, int64_t after, int64_t limit,
                    void (*loaded)(void), void *ctx)
{
    return store_load_part(d, kind, &(struct store_part){.after = after, .limit = limit}, loaded, ctx);
}

int store_load_each(struct store *s, struct store_load *l, const char *sql, int64_t limit,
                    int (*read)(struct store *s, struct store_load *l, int64_t account_id, struct db_stmt *row,
                                struct fault *fault),
                    struct fault *fault)
{
    struct db_stmt *st;
    bool more = true;
    int64_t id;
    int err = store_account_id(s, l->account, &id, fault);

    if (err == TGC_EUNKNOWN)
        return 0;
    if (!err)
        err = db_prepare(s->db, sql, &st, fault);
    if (err)
        return err;
    db_bind_int(st, 1, id);
    db_bind_int(st, 2, limit);
    while (!err && more) {
        err = db_step(st, &more, fault);
        if (!err && more)
            err = read(s, l, id, st, fault);
    }
    db_reset(st);
    return err;
}

/* realloc() would leave keys behind. */
void *store_rows_add(struct store_rows *r)
{
    if (r->n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 16;
        void *list = calloc(cap, r->row_size);
        if (!list)
            return NULL;
        if (r->n)
            memcpy(list, r->list, r->n * r->row_size);
        struct store_rows old = *r;
        r->list = list;
        r->cap = cap;
        rows_free(&old);
    }
    return (char *)r->list + r->n++ * r->row_size;
}

const char *store_load_copy(struct store_load *l, const void *data, size_t len)
{
    struct store_chunk *c = l->chunks;

    if (!c || c->size - c->used <= len) {
        size_t size = len < CHUNK ? CHUNK : len + 1;
        if (!(c = malloc(sizeof(*c) + size)))
            return NULL;
        *c = (struct store_chunk){.next = l->chunks, .size = size};
        l->chunks = c;
    }
    char *to = c->bytes + c->used;
    if (len)
        memcpy(to, data, len);
    to[len] = '\0';
    c->used += len + 1;
    return to;
}

int store_load_text(struct store_load *l, struct db_stmt *st, int column, const char **ret, struct fault *fault)
{
    const char *text = db_text(st, column), *copy = NULL;

    if (!text) {
        if (!db_is_null(st, column))
            return fault_set(fault, TGC_ENOMEM, "out of memory");
    } else if (!(copy = store_load_copy(l, text, strlen(text)))) {
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    }
    *ret = copy;
    return 0;
}
