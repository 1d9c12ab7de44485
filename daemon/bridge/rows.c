#include "daemon/bridge/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void rows_init(struct rows *r, size_t text_max)
{
    *r = (struct rows){0};
    buf_init(&r->text, text_max);
}

void rows_fini(struct rows *r)
{
    buf_fini(&r->text);
    free(r->list);
    r->list = NULL;
    r->n = r->cap = 0;
}

int rows_begin(struct rows *r, const char *account, int64_t id)
{
    if (r->n == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 16;
        struct row *list = realloc(r->list, cap * sizeof(*list));
        if (!list)
            return TGC_ENOMEM;
        r->list = list;
        r->cap = cap;
    }
    struct row *row = &r->list[r->n++];
    snprintf(row->account, sizeof(row->account), "%s", account);
    row->id = id;
    row->at = r->text.len;
    row->len = 0;
    return 0;
}

int rows_end(struct rows *r)
{
    struct row *row = &r->list[r->n - 1];

    row->len = r->text.len - row->at;
    return buf_err(&r->text);
}

/* Rows of one account lie in the text in the order of their coming. */
static int compare(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = strcmp(x->account, y->account);

    return order ? order : (x->at > y->at) - (x->at < y->at);
}

void rows_sort(struct rows *r)
{
    if (r->n)
        qsort(r->list, r->n, sizeof(*r->list), compare);
}

void rows_put(const struct rows *r, size_t max, struct buf *out)
{
    for (size_t i = 0; i < r->n && i < max; i++) {
        if (i)
            buf_put_byte(out, ',');
        buf_put(out, r->text.data + r->list[i].at, r->list[i].len);
    }
}
