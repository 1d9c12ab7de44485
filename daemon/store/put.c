#include "daemon/store/put.h"

#include <stdalign.h>
#include <string.h>

#include "daemon/base/limits.h"

struct put {
    struct store_op op;
    store_done_fn *done;
    void *ctx;
    const char *account;
    size_t n;
    struct store_loan loan;
    alignas(max_align_t) uint8_t rows[];
};

int store_put_run(struct store *s, struct store_op *op, struct fault *fault)
{
    struct put *p = (void *)op;
    const struct store_put_kind *kind = (const struct store_put_kind *)op->kind;

    return kind->write(s, p->account, p->rows, p->n, fault);
}

void store_put_complete(struct store_op *op)
{
    struct put *p = (void *)op;

    if (p->done)
        p->done(p->ctx, op->err, store_op_why(op));
}

void store_put_give_back(struct store_op *op)
{
    const struct store_loan *loan = &((struct put *)(void *)op)->loan;

    loan->release(loan->held);
}

static const char **text_of(void *row, const struct store_text *t)
{
    return (void *)((uint8_t *)row + t->at);
}

/* In bytes; a NUL is added to each, so that none is empty. */
static size_t text_size(const void *row, const struct store_text *t)
{
    const char *text = *text_of((void *)row, t);
    size_t len = 0;

    if (!text)
        return 0;
    if (t->len_at)
        memcpy(&len, (const uint8_t *)row + t->len_at, sizeof(len));
    else
        len = strnlen(text, LIMIT_STORE_VALUE + 1);
    return len < LIMIT_STORE_VALUE ? len + 1 : LIMIT_STORE_VALUE + 1;
}

/* All of them; more than LIMIT_STORE_QUEUE where that is passed, or one is too long. */
static size_t texts_size(const struct store_put_kind *kind, const uint8_t *rows, size_t n)
{
    size_t sum = 0;

    for (size_t i = 0; i < n && sum <= LIMIT_STORE_QUEUE; i++)
        for (size_t k = 0; k < kind->texts_n; k++) {
            size_t size = text_size(rows + i * kind->row_size, &kind->texts[k]);
            if (size > LIMIT_STORE_VALUE)
                return LIMIT_STORE_QUEUE + 1;
            sum += size;
        }
    return sum;
}

/* Puts a copy of the text in its place. */
static uint8_t *copy_text(void *row, const struct store_text *t, uint8_t *to)
{
    const char **text = text_of(row, t);
    size_t size = text_size(row, t);

    if (!size)
        return to;
    memcpy(to, *text, size - 1);
    *text = (const char *)to;
    return to + size;
}

int store_put(struct store_desk *d, const struct store_put_kind *kind, const char *account, const void *rows, size_t n,
              store_done_fn *done, void *ctx)
{
    size_t name_size = account ? strnlen(account, LIMIT_STORE_VALUE) + 1 : 0;

    if (kind->row_size && n > LIMIT_STORE_QUEUE / kind->row_size)
        return TGC_ELIMIT;
    size_t rows_size = n * kind->row_size, texts = texts_size(kind, rows, n);
    if (texts > LIMIT_STORE_QUEUE || name_size > LIMIT_STORE_VALUE)
        return TGC_ELIMIT;
    struct store_op *op = store_op_new(d, &kind->kind, sizeof(struct put) + rows_size + name_size + texts);
    if (!op)
        return TGC_ENOMEM;
    struct put *p = (void *)op;
    p->done = done;
    p->ctx = ctx;
    p->n = n;
    uint8_t *to = p->rows + rows_size;
    if (rows_size)
        memcpy(p->rows, rows, rows_size);
    if (account) {
        p->account = (char *)to;
        memcpy(to, account, name_size - 1);
        to += name_size;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < kind->texts_n; k++)
            to = copy_text(p->rows + i * kind->row_size, &kind->texts[k], to);
    return store_submit(op);
}

int store_put_lent(struct store_desk *d, const struct store_put_kind *kind, const void *rows, size_t n,
                   const struct store_loan *loan, store_done_fn *done, void *ctx)
{
    bool fits = loan->bytes <= LIMIT_STORE_QUEUE && n <= LIMIT_STORE_QUEUE / kind->row_size;
    struct put *p = fits ? (void *)store_op_new(d, &kind->kind, sizeof(*p) + n * kind->row_size) : NULL;

    if (!p) {
        loan->release(loan->held);
        return fits ? TGC_ENOMEM : TGC_ELIMIT;
    }
    p->op.lent = loan->bytes;
    p->done = done;
    p->ctx = ctx;
    p->n = n;
    p->loan = *loan;
    memcpy(p->rows, rows, n * kind->row_size);
    return store_submit(&p->op);
}

static int find_account(struct store *s, const char *sql, const char *name, int64_t *ret, int64_t *ret_node,
                        struct fault *fault)
{
    struct db_stmt *st;
    bool row;
    int err = db_prepare(s->db, sql, &st, fault);

    if (err)
        return err;
    db_bind_text(st, 1, name);
    err = db_step(st, &row, fault);
    if (!err && !row)
        err = fault_set(fault, TGC_EUNKNOWN, "the store has no account \"%s\"", name);
    if (!err) {
        *ret = db_int(st, 0);
        *ret_node = db_int(st, 1);
    }
    db_reset(st);
    return err;
}

int store_account_id(struct store *s, const char *name, int64_t *ret, struct fault *fault)
{
    int64_t node;

    return find_account(s, "SELECT id, 0 FROM accounts WHERE name = $1", name, ret, &node, fault);
}

int store_own_account_id(struct store *s, const char *name, int64_t *ret, struct fault *fault)
{
    static const char sql[] = "SELECT a.id, coalesce(l.node, 0) FROM accounts AS a"
                              " LEFT JOIN tgcalld_lease AS l ON l.account_id = a.id WHERE a.name = $1";
    int64_t node = 0;

    if (!s->config.node)
        return store_account_id(s, name, ret, fault);
    int err = find_account(s, sql, name, ret, &node, fault);
    if (!err && node && node != s->config.node)
        err = fault_set(fault, TGC_EFOREIGN, "another node has the account \"%s\"", name);
    return err;
}

int store_change(struct store *s, const char *sql, const char *account, int n, int64_t a, int64_t b,
                 struct fault *fault)
{
    struct db_stmt *st;
    int64_t id;
    int err = store_own_account_id(s, account, &id, fault);

    if (err == TGC_EUNKNOWN)
        return 0;
    if (!err)
        err = db_prepare(s->db, sql, &st, fault);
    if (err)
        return err;
    db_bind_int(st, 1, id);
    if (n >= 2)
        db_bind_int(st, 2, a);
    if (n >= 3)
        db_bind_int(st, 3, b);
    return db_run(st, fault);
}
