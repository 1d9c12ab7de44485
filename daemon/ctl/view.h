/* How an answer is shown: as a table, a record or lines of fields. */
#ifndef TGCALLD_CTL_VIEW_H
#define TGCALLD_CTL_VIEW_H

#include <jansson.h>

#include "daemon/base/err.h"
#include "daemon/ctl/pick.h"

enum ctl_where { CTL_EVERYWHERE, CTL_ON_TERMINAL, CTL_IN_PIPE };

struct ctl_column {
    const char *title, *path; /* see pick.h */
    enum pick_form form;
    enum ctl_where where;
    bool is_whole; /* an id, which is no use in parts: a narrow terminal does not cut it; a date is so by its form */
    bool is_below; /* a sentence: in a table it stands under its row */
};

enum { CTL_COLUMNS_MAX = 24 };

struct ctl_view {
    const char *list;                 /* the member that has the rows; NULL: the answer is one row */
    const struct ctl_column *columns; /* a NULL title ends them */
    void (*prepare)(json_t *answer);  /* adds members for the columns, once; NULL: there are none to add */
};

/* Whether ANSWER can be of this kind at all: a list is a list, and a row has something to show. */
bool ctl_view_fits(const struct ctl_view *view, const json_t *answer);

struct ctl;

/* Puts ANSWER, which fits and is prepared, on stdout: as a table, or a record for one row, where that is a
 * terminal. TGC_ENOMEM. */
int ctl_view_put(const struct ctl *ctl, const struct ctl_view *view, const json_t *answer) TGC_MUST;

#endif
