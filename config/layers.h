/* Which layers there are schemas for: the shipped ones by their files' names, given ones by their "// LAYER N" lines.
 * Nothing else of them is read here. */
#ifndef TGCALLD_CONFIG_LAYERS_H
#define TGCALLD_CONFIG_LAYERS_H

#include <stdbool.h>
#include <stddef.h>

#include "config/text_list.h"

/* Whether LAYER is among them. RET_NAMES lists all, "138, 229"; "" where no schema is shipped: the data is not there.
 * *RET_WITHOUT is the first of GIVEN that has no such line, borrowed; NULL for none. */
bool layers_find(const struct text_list *given, unsigned layer, char *ret_names, size_t size, const char **ret_without);

#endif
