/* The TL schemas of a process: those that are shipped and those that were given. */
#ifndef TGCALLD_SCHEMAS_H
#define TGCALLD_SCHEMAS_H

#include <stddef.h>

#include "config/text_list.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/tl/outline.h"

enum { SCHEMAS_MAX = 32 };

struct schemas {
    const struct tl_schema *list[SCHEMAS_MAX]; /* ascending layers */
    struct tl_schema *owned[SCHEMAS_MAX];
    size_t n;
    struct tl_outline *others[SCHEMAS_MAX]; /* of schemas_outline() */
    size_t others_n;
};

/* Loads <datadir>/schema/layer-*.tl and the files of GIVEN (a given layer replaces a shipped one). A fault names the
 * file, line and column. Warns where ids of a given file are not the CRC32 of their lines. */
int schemas_load(const struct text_list *given, struct schemas *ret, struct fault *fault) TGC_MUST;
void schemas_fini(struct schemas *s);

/* Makes the outlines of all layers but LAYER. TGC_ENOMEM. */
int schemas_outline(struct schemas *s, int layer) TGC_MUST;
/* Of the schemas only LAYER's stays. */
void schemas_keep_one(struct schemas *s, int layer);

/* The schema of that layer, or NULL. */
const struct tl_schema *schemas_find(const struct schemas *s, int layer);
/* "138, 229" into OUT. */
void schemas_names(const struct schemas *s, char *out, size_t size);

#endif
