/* A text of a client's, whatever characters are in it: NUL too. As long as it is, since there are many calls. */
#ifndef TGCALLD_SANDBOX_WORLD_TEXT_H
#define TGCALLD_SANDBOX_WORLD_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "daemon/base/err.h"

struct world_text {
    char *bytes; /* NULL: empty */
    size_t len;
};

/* A JSON string, cut between two characters behind MAX bytes; anything else is empty. TGC_ENOMEM: as it was. */
int world_text_set(struct world_text *t, const json_t *value, size_t max) TGC_MUST;
void world_text_fini(struct world_text *t);
/* Whether setting it so would change nothing. */
bool world_text_is(const struct world_text *t, const json_t *value, size_t max);
/* A new reference. */
json_t *world_text_json(const struct world_text *t);

#endif
