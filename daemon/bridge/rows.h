/* An answer that several workers add to: JSON objects by account, put in order when all have added theirs. Moves with
 * its job, so it has one owner at a time. */
#ifndef TGCALLD_BRIDGE_ROWS_H
#define TGCALLD_BRIDGE_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/buf.h"
#include "daemon/bridge/directory.h"

struct row {
    char account[DIRECTORY_NAME_MAX];
    int64_t id;     /* of what is told of the account; 0 for itself */
    size_t at, len; /* of its text */
};

struct rows {
    struct buf text;
    struct row *list;
    size_t n, cap;
};

/* TEXT_MAX bounds all texts together. */
void rows_init(struct rows *r, size_t text_max);
void rows_fini(struct rows *r);

/* A row whose text is then appended to r->text; rows_end() closes it. TGC_ENOMEM, or the text's sticky error. */
int rows_begin(struct rows *r, const char *account, int64_t id) TGC_MUST;
int rows_end(struct rows *r) TGC_MUST;

/* By account; what one account added stays in its order. */
void rows_sort(struct rows *r);
/* The texts of the first MAX rows with commas between. OUT's error sticks. */
void rows_put(const struct rows *r, size_t max, struct buf *out);

#endif
