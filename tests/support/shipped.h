/* The schemas that are shipped, read once a process. What is read before unit_main() is there for all of its tests,
 * each of which is a child of the program: to read them anew in each takes longer than most tests. */
#ifndef TGCALLD_TESTS_SHIPPED_H
#define TGCALLD_TESTS_SHIPPED_H

#include "daemon/tl/schema.h"

/* Reads both layers; for main(). */
void shipped_read(void);

/* "layer-138", "layer-229" or "mtproto", or the test fails; never freed by the caller. */
const struct tl_schema *shipped(const char *name);

/* The layer 138 or 229. */
const struct tl_schema *shipped_layer(int layer);

/* Its path; static storage. */
const char *shipped_path(const char *name);

#endif
