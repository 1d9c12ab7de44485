#include "daemon/ctl/table.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "daemon/base/terminal_text.h"

/* Blanks between columns; what a column that is cut keeps at least; the longest text of a cell. */
enum { GAP = 2, KEPT_MIN = 8, CELL_SIZE = 2048 };

void table_init(struct table *t, const struct table_column *columns, size_t columns_n)
{
    *t = (struct table){.columns = columns, .columns_n = columns_n};
}

void table_fini(struct table *t)
{
    for (size_t i = 0; i < t->rows_n * t->columns_n; i++)
        free(t->cells[i]);
    free(t->cells);
    t->cells = NULL;
    t->rows_n = t->rows_max = 0;
}

static int make_room(struct table *t)
{
    size_t max = t->rows_max ? t->rows_max * 2 : 16;

    if (t->rows_n < t->rows_max)
        return 0;
    char **more = realloc(t->cells, max * t->columns_n * sizeof(*more));
    if (!more)
        return TGC_ENOMEM;
    t->cells = more;
    t->rows_max = max;
    return 0;
}

int table_add(struct table *t, const char *const *fields, bool is_utf8)
{
    char clean[CELL_SIZE];

    if (make_room(t) != 0)
        return TGC_ENOMEM;
    char **row = t->cells + t->rows_n * t->columns_n;
    for (size_t i = 0; i < t->columns_n; i++) {
        row[i] = strdup(terminal_text(fields[i] ? fields[i] : "", false, is_utf8, clean, sizeof(clean)));
        if (!row[i]) {
            while (i > 0)
                free(row[--i]);
            return TGC_ENOMEM;
        }
    }
    t->rows_n++;
    return 0;
}

/* The bytes of TEXT that fit into MAX columns, and how many columns they take. A combining mark takes none. */
static size_t fit(const char *text, int max, int *ret_columns)
{
    mbstate_t state = {0};
    size_t at = 0;
    int columns = 0;
    wchar_t c;

    while (text[at]) {
        size_t n = mbrtowc(&c, text + at, MB_CUR_MAX, &state);
        int width = n == 0 || n > MB_CUR_MAX ? 1 : wcwidth(c);
        if (n == 0 || n > MB_CUR_MAX) {
            state = (mbstate_t){0};
            n = 1;
        }
        width = width < 0 ? 1 : width;
        if (columns + width > max)
            break;
        columns += width;
        at += n;
    }
    *ret_columns = columns;
    return at;
}

static int width_of(const char *text)
{
    int columns;

    fit(text, CELL_SIZE, &columns);
    return columns;
}

/* 0 is a column that is left out. */
static void measure(const struct table *t, int widths[TABLE_COLUMNS_MAX])
{
    for (size_t c = 0; c < t->columns_n; c++) {
        widths[c] = 0;
        if (t->columns[c].is_below)
            continue;
        for (size_t r = 0; r < t->rows_n; r++) {
            int w = width_of(t->cells[r * t->columns_n + c]);
            widths[c] = w > widths[c] ? w : widths[c];
        }
        int title = width_of(t->columns[c].title);
        if (widths[c] > 0 && widths[c] < title)
            widths[c] = title;
    }
}

static int total(const int *widths, size_t n)
{
    int sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += widths[i] ? widths[i] + (sum ? GAP : 0) : 0;
    return sum;
}

static void shrink(const struct table *t, int width, int widths[TABLE_COLUMNS_MAX])
{
    for (int over = total(widths, t->columns_n) - width; width > 0 && over > 0; over--) {
        size_t widest = t->columns_n;
        for (size_t c = 0; c < t->columns_n; c++)
            if (!t->columns[c].is_whole && widths[c] > KEPT_MIN &&
                (widest == t->columns_n || widths[c] > widths[widest]))
                widest = c;
        if (widest == t->columns_n)
            break;
        widths[widest]--;
    }
}

static size_t last_column(const struct table *t, const int *widths)
{
    size_t last = 0;

    for (size_t c = 0; c < t->columns_n; c++)
        last = widths[c] ? c : last;
    return last;
}

static void put_cell(const char *text, int width, bool is_last, bool is_utf8, FILE *to)
{
    int columns;
    size_t n = fit(text, width, &columns);

    if (text[n]) {
        n = fit(text, width - 1, &columns);
        fprintf(to, "%.*s%s", (int)n, text, is_utf8 ? "\xe2\x80\xa6" : "~");
        columns++;
    } else {
        fputs(text, to);
    }
    if (!is_last)
        fprintf(to, "%*s", width - columns + GAP, "");
}

static void put_row(const struct table *t, const char *const *fields, const int *widths, bool is_utf8, FILE *to)
{
    size_t last = last_column(t, widths);

    for (size_t c = 0; c <= last; c++)
        if (widths[c])
            put_cell(fields[c], widths[c], c == last, is_utf8, to);
    fputc('\n', to);
}

/* A terminal breaks the line where it is too long. */
static void put_below(const struct table *t, const char *const *fields, FILE *to)
{
    for (size_t c = 0; c < t->columns_n; c++)
        if (t->columns[c].is_below && fields[c][0])
            fprintf(to, "  %s: %s\n", t->columns[c].title, fields[c]);
}

void table_put(const struct table *t, const struct table_look *look, FILE *to)
{
    const char *titles[TABLE_COLUMNS_MAX];
    int widths[TABLE_COLUMNS_MAX];

    measure(t, widths);
    shrink(t, look->width, widths);
    for (size_t c = 0; c < t->columns_n; c++)
        titles[c] = t->columns[c].title;
    fputs(look->is_bold ? "\033[1m" : "", to);
    put_row(t, titles, widths, look->is_utf8, to);
    fputs(look->is_bold ? "\033[0m" : "", to);
    for (size_t r = 0; r < t->rows_n; r++) {
        const char *const *fields = (const char *const *)(t->cells + r * t->columns_n);
        put_row(t, fields, widths, look->is_utf8, to);
        put_below(t, fields, to);
    }
}

void table_put_record(const struct table *t, const struct table_look *look, FILE *to)
{
    int widest = 0;

    for (size_t c = 0; t->rows_n > 0 && c < t->columns_n; c++) {
        int w = t->cells[c][0] ? width_of(t->columns[c].title) : 0;
        widest = w > widest ? w : widest;
    }
    for (size_t c = 0; t->rows_n > 0 && c < t->columns_n; c++) {
        if (!t->cells[c][0])
            continue;
        fprintf(to, "%s%s%s%*s", look->is_bold ? "\033[1m" : "", t->columns[c].title, look->is_bold ? "\033[0m" : "",
                widest - width_of(t->columns[c].title) + GAP, "");
        fprintf(to, "%s\n", t->cells[c]);
    }
}
