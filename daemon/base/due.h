/* What is due when: any number of deadlines behind one timer, the earliest in front (a binary heap). Whoever waits has
 * a struct due in it; the line borrows them. No clock of its own; one thread at a time. */
#ifndef TGCALLD_BASE_DUE_H
#define TGCALLD_BASE_DUE_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"

struct due {
    int64_t at_us;
    size_t place; /* in the line, from 1; 0: in none */
};

/* All zeroes is empty. */
struct due_line {
    struct due **heap;
    size_t n, cap;
};

/* Nobody in it is touched. */
void due_fini(struct due_line *line);
/* D is due at AT_US, whether or not it was in the line before. TGC_ENOMEM: it was not, and is not. */
int due_put(struct due_line *line, struct due *d, int64_t at_us) TGC_MUST;
/* Where it is in no line, nothing happens. */
void due_drop(struct due_line *line, struct due *d);
/* NULL: the line is empty. */
struct due *due_first(const struct due_line *line);
/* The first, taken out, where it is due at NOW_US; NULL. */
struct due *due_take(struct due_line *line, int64_t now_us);

#endif
