/* Memory by pages. */
#ifndef TGCALLD_BASE_PAGES_H
#define TGCALLD_BASE_PAGES_H

#include <stddef.h>

/* Has the pages that lie wholly in [DATA, DATA+LEN) ready at once, where the kernel can: a fault for each would cost
 * more than filling them. What is in them stays. */
void pages_ready(void *data, size_t len);

/* LEN zeroed bytes, of which each page costs memory from when it is first touched: calloc() touches all that it gives
 * anew. NULL: there are none. */
void *pages_new(size_t len);
void pages_free(void *data, size_t len);

#endif
