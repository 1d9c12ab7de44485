/* The dashboard's files, read once at the start; the front end serves them from memory. */
#ifndef TGCALLD_DASHBOARD_H
#define TGCALLD_DASHBOARD_H

#include "api/page.h"

enum {
    DASHBOARD_FILES_MAX = 64,
    DASHBOARD_FILE_MAX = 256 << 10, /* bytes */
};

struct dashboard {
    struct page pages[DASHBOARD_FILES_MAX];
    size_t n;
};

/* Reads what is in the folder "dashboard" of the shipped data and has a name that is served. Without an index.html
 * there is none of it, and the log says so: the daemon does without. */
void dashboard_load(struct dashboard *ret);
void dashboard_fini(struct dashboard *d);

#endif
