/* Memory that is about to be filled, page by page. */
#ifndef TGCALLD_BASE_PAGES_H
#define TGCALLD_BASE_PAGES_H

#include <stddef.h>

/* Has the pages that lie wholly in [DATA, DATA+LEN) ready at once, where the kernel can: a fault for each would cost
 * more than filling them. What is in them stays. */
void pages_ready(void *data, size_t len);

#endif
