/* Allocations of the tested code that fail on demand (the linker sends them here: --wrap). */
#ifndef TGCALLD_TESTS_MT_STARVE_H
#define TGCALLD_TESTS_MT_STARVE_H

#include <stdbool.h>

/* The allocation number N from now (from 0) fails, once; -1 for none. */
void starve_at(long n);
/* Between these nothing fails and nothing is counted: Check allocates too. */
void starve_pause(void);
void starve_resume(void);
/* Whether it came to that. */
bool starve_happened(void);

#endif
