/* Makes one allocation of this program fail: malloc, calloc and realloc as called by its own objects (a linker wrap),
 * and jansson's by json_set_alloc_funcs(). */
#ifndef TGCALLD_TESTS_TL_FAILING_MALLOC_H
#define TGCALLD_TESTS_TL_FAILING_MALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* The K-th allocation from now on fails (0: the next), all others work. */
void fail_allocation(size_t k);
/* No more failures; whether the one asked for has happened. */
bool stop_failing(void);

#endif
