/* A store of two accounts whose rows are put and read again. */
#ifndef TGCALLD_TESTS_STORE_ROWS_BED_H
#define TGCALLD_TESTS_STORE_ROWS_BED_H

#include "tests/unit/store/bed.h"

extern struct bed_heard h; /* how what was put went */

/* Open, with "anna" and "berta". */
void rows_set_up(void);
/* The last put went well. */
void put_is(int accepted);
/* Whatever was committed is read by a new process, too. */
void reopen(void);

#endif
