/* Which methods were probably meant by a name that the schema lacks. */
#ifndef TGCALLD_TL_GUESS_H
#define TGCALLD_TL_GUESS_H

#include <stddef.h>

#include "daemon/tl/schema.h"

enum { TL_GUESSES_MAX = 3 };

/* Those that differ from NAME the least, by near.h: as a whole, else in what stands behind the dot, so that a namespace
 * may be missing or wrong. How many; in the order of the schema. The work is bounded whatever NAME is. */
size_t tl_guess_methods(const struct tl_schema *schema, const char *name,
                        const struct tl_comb *ret[static TL_GUESSES_MAX]);

#endif
