/* Whether a word that there is not is a slip of one that there is. */
#ifndef TGCALLD_BASE_NEAR_H
#define TGCALLD_BASE_NEAR_H

#include <stdbool.h>

/* Whether A is B but for a slip or two: letters left out, added, changed or swapped. Case, '_' and '-' count for
 * nothing (scheduleDate, schedule_date). How many in *RET_SLIPS. What is longer than any word of ours is no slip, so
 * that the work has a bound whatever A is. */
bool near_is(const char *a, const char *b, unsigned *ret_slips);

#endif
