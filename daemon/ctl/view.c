#include "daemon/ctl/view.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/say.h"
#include "daemon/ctl/table.h"
#include "daemon/ctl/wiped.h"

/* The columns of a view in one of its forms. */
struct chosen {
    const struct ctl_column *columns[CTL_COLUMNS_MAX];
    struct table_column titles[CTL_COLUMNS_MAX];
    size_t n;
};

static void choose(const struct ctl_view *view, enum ctl_where where, struct chosen *ret)
{
    ret->n = 0;
    for (const struct ctl_column *c = view->columns; c->title && ret->n < CTL_COLUMNS_MAX; c++) {
        if (c->where != CTL_EVERYWHERE && c->where != where)
            continue;
        ret->titles[ret->n] = (struct table_column){c->title, c->is_whole || c->form == PICK_TIME, c->is_below};
        ret->columns[ret->n++] = c;
    }
}

bool ctl_view_fits(const struct ctl_view *view, const json_t *answer)
{
    char text[PICK_SIZE];

    if (view->list)
        return json_is_array(json_object_get(answer, view->list));
    for (const struct ctl_column *c = view->columns; c->title; c++) {
        pick_text(answer, c->path, c->form, false, text);
        if (text[0])
            return true;
    }
    return false;
}

static void fill(const struct chosen *chosen, const json_t *row, char (*texts)[PICK_SIZE],
                 const char *fields[CTL_COLUMNS_MAX])
{
    for (size_t i = 0; i < chosen->n; i++) {
        pick_text(row, chosen->columns[i]->path, chosen->columns[i]->form, true, texts[i]);
        fields[i] = texts[i];
    }
}

static void look_around(struct table_look *ret)
{
    const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
    bool is_plain = (no_colour && *no_colour) || !term || !*term || strcmp(term, "dumb") == 0;
    struct winsize size;

    *ret = (struct table_look){.is_utf8 = say_is_utf8(), .is_bold = !is_plain};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        ret->width = size.ws_col;
}

static int put_table(const struct chosen *chosen, const json_t *rows, const json_t *alone, char (*texts)[PICK_SIZE])
{
    const char *fields[CTL_COLUMNS_MAX];
    struct table_look look;
    struct table table;
    const json_t *row;
    size_t i;
    int err = 0;

    look_around(&look);
    table_init(&table, chosen->titles, chosen->n);
    if (alone) {
        fill(chosen, alone, texts, fields);
        err = table_add(&table, fields, look.is_utf8);
    }
    json_array_foreach (rows, i, row) {
        fill(chosen, row, texts, fields);
        err = err ? err : table_add(&table, fields, look.is_utf8);
    }
    if (!err && alone)
        table_put_record(&table, &look, stdout);
    else if (!err && table.rows_n > 0)
        table_put(&table, &look, stdout);
    else if (!err)
        say("There are none.");
    table_fini(&table);
    return err;
}

static int put_line(const struct chosen *chosen, const json_t *row)
{
    char *fields[CTL_COLUMNS_MAX] = {NULL};
    bool is_whole = true;

    for (size_t i = 0; i < chosen->n && is_whole; i++) {
        fields[i] = pick_whole(row, chosen->columns[i]->path, chosen->columns[i]->form);
        is_whole = fields[i] != NULL;
    }
    if (is_whole)
        say_row((const char *const *)fields, chosen->n);
    for (size_t i = 0; i < chosen->n; i++)
        wiped_free(fields[i]);
    return is_whole ? 0 : TGC_ENOMEM;
}

static int put_lines(const struct chosen *chosen, const json_t *rows, const json_t *alone)
{
    int err = alone ? put_line(chosen, alone) : 0;
    const json_t *row;
    size_t i;

    json_array_foreach (rows, i, row) {
        err = err ? err : put_line(chosen, row);
    }
    return err;
}

int ctl_view_put(const struct ctl *ctl, const struct ctl_view *view, const json_t *answer)
{
    const json_t *rows = view->list ? json_object_get(answer, view->list) : NULL, *alone = view->list ? NULL : answer;
    char(*texts)[PICK_SIZE];
    struct chosen chosen;

    choose(view, ctl->is_table ? CTL_ON_TERMINAL : CTL_IN_PIPE, &chosen);
    if (!ctl->is_table)
        return put_lines(&chosen, rows, alone);
    texts = calloc(CTL_COLUMNS_MAX, sizeof(*texts));
    if (!texts)
        return TGC_ENOMEM;
    int err = put_table(&chosen, rows, alone, texts);
    explicit_bzero(texts, CTL_COLUMNS_MAX * sizeof(*texts));
    free(texts);
    return err;
}
