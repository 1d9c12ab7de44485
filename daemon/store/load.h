/* Loads: rows of one theme, gathered on the store's thread for who asked. For the files of this room. */
#ifndef TGCALLD_STORE_LOAD_H
#define TGCALLD_STORE_LOAD_H

#include "daemon/store/store_internal.h"

struct store_chunk;

/* A growing array of rows, and what they point to; wiped when it goes. */
struct store_rows {
    void *list;
    size_t n, cap, row_size;
};

struct store_load {
    struct store_op op;
    void (*loaded)(void); /* the theme's own type */
    void *ctx;
    struct store_rows rows;
    struct store_rows keys; /* of accounts */
    struct store_chunk *chunks;
    size_t damaged;
    int64_t after, limit; /* of a page */
    int64_t of, until;    /* of a part: whose row's it is, and up to where */
    int which;            /* of it */
    int64_t dropped;      /* of the event log; of the audit: the oldest page that was looked at */
    char account[];
};

void store_load_fini(struct store_op *op);
#define STORE_LOAD .fini = store_load_fini

/* ACCOUNT: "" for all. */
int store_load(struct store_desk *d, const struct store_kind *kind, const char *account, void (*loaded)(void),
               void *ctx) TGC_MUST;

/* What stands after AFTER, at most LIMIT rows, of nobody's account. */
int store_load_page(struct store_desk *d, const struct store_kind *kind, int64_t after, int64_t limit,
                    void (*loaded)(void), void *ctx) TGC_MUST;

/* A page of what is of one row: more of which was said to the KIND's own theme. */
struct store_part {
    int64_t of, after, until, limit;
    int which;
};
int store_load_part(struct store_desk *d, const struct store_kind *kind, const struct store_part *part,
                    void (*loaded)(void), void *ctx) TGC_MUST;

/* READ hears of each row that SQL gives, whose $1 is the account's id and $2 the LIMIT. An account that is not there
 * has none. */
int store_load_each(struct store *s, struct store_load *l, const char *sql, int64_t limit,
                    int (*read)(struct store *s, struct store_load *l, int64_t account_id, struct db_stmt *row,
                                struct fault *fault),
                    struct fault *fault) TGC_MUST;

/* A zeroed row at the end of ROWS, good until the next one; NULL where memory is gone. */
void *store_rows_add(struct store_rows *rows);
/* A copy that lives as long as the load, with a NUL behind it; NULL where memory is gone. */
const char *store_load_copy(struct store_load *l, const void *data, size_t len) TGC_MUST;
/* A column of text: *RET is NULL for NULL, or a copy. TGC_ENOMEM. */
int store_load_text(struct store_load *l, struct db_stmt *st, int column, const char **ret,
                    struct fault *fault) TGC_MUST;

#endif
