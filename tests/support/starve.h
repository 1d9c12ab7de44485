/* Makes one allocation of a test program fail: malloc, calloc, realloc and reallocarray as called by its own objects
 * (the linker sends them here: STARVE_LINK), and jansson's. Any thread's,
 * but for those that are spared. */
#ifndef TGCALLD_TESTS_STARVE_H
#define TGCALLD_TESTS_STARVE_H

#include <stdbool.h>
#include <stddef.h>

/* The K-th allocation from now on fails (0: the next), all others work. */
void starve_at(size_t k);
/* Between these nothing fails and nothing is counted: Check allocates too. */
void starve_pause(void);
void starve_resume(void);
/* The calling thread's own allocations neither fail nor are counted, from now on. */
void starve_spare(void);
/* No more failures; whether the one asked for has happened. */
bool starve_end(void);

#endif
