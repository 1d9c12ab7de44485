/* TL bytes → json_t, for the few answers that the daemon reads itself. The same mapping as text.h. */
#ifndef TGCALLD_TL_TREE_H
#define TGCALLD_TL_TREE_H

#include <jansson.h>

#include "daemon/tl/walk.h"

/* Values in one tree: each takes some hundred bytes, where the packet may have spent four. */
enum { TL_TREE_VALUES_MAX = 1 << 20 };

/* The caller owns *RET. Errors as tl_walk(), and TGC_ENOMEM; TGC_ELIMIT also past TL_TREE_VALUES_MAX. */
int tl_tree_result(const struct tl_schema *schema, const struct tl_comb *method, const void *data, size_t len,
                   json_t **ret, struct tl_walk_stats *stats, struct fault *fault) TGC_MUST;
int tl_tree_object(const struct tl_schema *schema, const void *data, size_t len, json_t **ret,
                   struct tl_walk_stats *stats, struct fault *fault) TGC_MUST;
/* A method's call; *RET has `_` = its name. A !X parameter becomes an object in its place. R then stands behind it. */
int tl_tree_call(const struct tl_schema *schema, struct tl_reader *r, json_t **ret, struct tl_walk_stats *stats,
                 struct fault *fault) TGC_MUST;

#endif
