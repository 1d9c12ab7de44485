/* Writes: an account's name and rows of one theme, copied into an operation. For the files of this room. */
#ifndef TGCALLD_STORE_PUT_H
#define TGCALLD_STORE_PUT_H

#include "daemon/store/store_internal.h"

/* A member of a row that points to text, or to bytes whose number another member has. */
struct store_text {
    size_t at;     /* its offset */
    size_t len_at; /* the offset of the size_t with their number; 0: it ends with a NUL */
};

enum { STORE_TEXTS_MAX = 8 };

struct store_put_kind {
    struct store_kind kind; /* STORE_PUT */
    size_t row_size;
    struct store_text texts[STORE_TEXTS_MAX];
    size_t texts_n;
    /* All or nothing. ACCOUNT is what was given, NULL where that was. */
    int (*write)(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault);
};

int store_put_run(struct store *s, struct store_op *op, struct fault *fault) TGC_MUST;
void store_put_complete(struct store_op *op);
void store_put_give_back(struct store_op *op);
#define STORE_PUT .kind = {.run = store_put_run, .complete = store_put_complete, .writes = true}
#define STORE_PUT_LENT                                                                                                 \
    .kind = {.run = store_put_run, .complete = store_put_complete, .fini = store_put_give_back, .writes = true}
/* Outside of a transaction: what it writes is its own business. */
#define STORE_ALONE .kind = {.run = store_put_run, .complete = store_put_complete}

/* Copies N rows, with what they point to, and queues them. */
int store_put(struct store_desk *d, const struct store_put_kind *kind, const char *account, const void *rows, size_t n,
              store_done_fn *done, void *ctx) TGC_MUST;
/* Copies the rows alone; a KIND of STORE_PUT_LENT, without texts. */
int store_put_lent(struct store_desk *d, const struct store_put_kind *kind, const void *rows, size_t n,
                   const struct store_loan *loan, store_done_fn *done, void *ctx) TGC_MUST;

/* The account's id. TGC_EUNKNOWN: there is none of that name. */
int store_account_id(struct store *s, const char *name, int64_t *ret, struct fault *fault) TGC_MUST;
/* The same to write what is the account's. TGC_EFOREIGN: another node has its lease. */
int store_own_account_id(struct store *s, const char *name, int64_t *ret, struct fault *fault) TGC_MUST;
/* Runs SQL, whose $1 is the account's id, and $2 and $3, where N asks for them, A and B. An account that is not there
 * has nothing to be changed. */
int store_change(struct store *s, const char *sql, const char *account, int n, int64_t a, int64_t b,
                 struct fault *fault) TGC_MUST;

#endif
