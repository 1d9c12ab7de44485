#include "daemon/store/dc_row.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/store/load.h"
#include "daemon/store/meta.h"
#include "daemon/store/put.h"

#define NAME "dc_options"

struct dc_row {
    const char *text;
};

static int write_row(struct store *s, const char *account, const void *rows, size_t n, struct fault *fault)
{
    (void)account, (void)n;
    return store_meta_put_text(s, NAME, ((const struct dc_row *)rows)->text, fault);
}

int store_put_dc_options(struct store_desk *d, const char *text, store_done_fn *done, void *ctx)
{
    static const struct store_put_kind kind = {STORE_PUT, .row_size = sizeof(struct dc_row),
                                               .texts = {{offsetof(struct dc_row, text), 0}}, .texts_n = 1,
                                               .write = write_row};

    if (strnlen(text, STORE_DC_OPTIONS_MAX + 1) > STORE_DC_OPTIONS_MAX)
        return TGC_ELIMIT;
    return store_put(d, &kind, NULL, &(struct dc_row){text}, 1, done, ctx);
}

static int run_load(struct store *s, struct store_op *op, struct fault *fault)
{
    struct store_load *l = (struct store_load *)op;
    char *text = malloc(STORE_DC_OPTIONS_MAX + 1);
    int err = text ? store_meta_text(s, NAME, text, STORE_DC_OPTIONS_MAX + 1, fault) : TGC_ENOMEM;

    l->rows.row_size = sizeof(struct dc_row);
    struct dc_row *row = err ? NULL : store_rows_add(&l->rows);
    if (row)
        row->text = store_load_copy(l, text, strlen(text));
    if (!err && (!row || !row->text))
        err = TGC_ENOMEM;
    free(text);
    return err == TGC_ENOMEM ? fault_set(fault, err, "out of memory") : err;
}

static void complete_load(struct store_op *op)
{
    struct store_load *l = (struct store_load *)op;
    store_dc_options_fn *loaded = (store_dc_options_fn *)l->loaded;

    loaded(l->ctx, op->err, store_op_why(op), op->err ? NULL : ((const struct dc_row *)l->rows.list)->text);
}

int store_load_dc_options(struct store_desk *d, store_dc_options_fn *loaded, void *ctx)
{
    static const struct store_kind kind = {.run = run_load, .complete = complete_load, STORE_LOAD};

    return store_load(d, &kind, "", (void (*)(void))loaded, ctx);
}
