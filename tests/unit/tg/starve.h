/* Makes one allocation of this program fail: malloc, calloc and realloc as called by its own objects (a linker wrap),
 * and those of jansson. */
#ifndef TGCALLD_TESTS_TG_STARVE_H
#define TGCALLD_TESTS_TG_STARVE_H

#include <stdbool.h>
#include <stddef.h>

/* The K-th allocation from now on fails (0: the next), all others work. */
void starve_at(size_t k);
/* No more failures; whether the one asked for has happened. */
bool starve_end(void);

#endif
