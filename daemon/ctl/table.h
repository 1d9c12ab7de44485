/* A table on a terminal: columns as wide as what stands in them, and no wider than the terminal. */
#ifndef TGCALLD_CTL_TABLE_H
#define TGCALLD_CTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "daemon/base/err.h"

enum { TABLE_COLUMNS_MAX = 24 };

struct table_column {
    const char *title;
    bool is_whole; /* never cut */
    bool is_below; /* under its row, as a line of its own: long sentences, which a narrow terminal would cut */
};

struct table {
    const struct table_column *columns;
    size_t columns_n, rows_n, rows_max;
    char **cells; /* rows_n times columns_n */
};

struct table_look {
    int width;    /* of the terminal in columns; 0: not known, nothing is cut */
    bool is_bold; /* titles are bold */
    bool is_utf8; /* the locale's encoding */
};

/* COLUMNS is borrowed. */
void table_init(struct table *t, const struct table_column *columns, size_t columns_n);
void table_fini(struct table *t);

/* A row of foreign texts; what could move the cursor becomes '?' (terminal_text.h). TGC_ENOMEM. */
int table_add(struct table *t, const char *const *fields, bool is_utf8) TGC_MUST;

/* Titles and rows. What is too wide for the terminal is cut, the widest first; a column that says nothing in any row is
 * left out. */
void table_put(const struct table *t, const struct table_look *look, FILE *to);
/* The first row, a line a field: its title and its text, without those that say nothing. */
void table_put_record(const struct table *t, const struct table_look *look, FILE *to);

#endif
