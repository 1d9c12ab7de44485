#include "daemon/sandbox/world/text.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/utf8.h"

static size_t length_of(const json_t *value, size_t max)
{
    size_t len = json_string_length(value);

    return len > max ? utf8_cut(json_string_value(value), max) : len;
}

int world_text_set(struct world_text *t, const json_t *value, size_t max)
{
    size_t len = length_of(value, max);
    char *bytes = len ? malloc(len) : NULL;

    if (len && !bytes)
        return TGC_ENOMEM;
    if (len)
        memcpy(bytes, json_string_value(value), len);
    free(t->bytes);
    *t = (struct world_text){bytes, len};
    return 0;
}

void world_text_fini(struct world_text *t)
{
    free(t->bytes);
    *t = (struct world_text){0};
}

bool world_text_is(const struct world_text *t, const json_t *value, size_t max)
{
    size_t len = length_of(value, max);

    return len == t->len && (!len || memcmp(t->bytes, json_string_value(value), len) == 0);
}

json_t *world_text_json(const struct world_text *t)
{
    return json_stringn(t->bytes ? t->bytes : "", t->len);
}
