#include "daemon/base/fill.h"

#include <stdio.h>
#include <string.h>

void fill_name(char *out, size_t size, const char *text, const char *name, const char *value)
{
    char slot[32];
    const char *found;
    size_t at = 0;

    snprintf(slot, sizeof(slot), "{%s}", name);
    for (; at < size && (found = strstr(text, slot)) != NULL; text = found + strlen(slot))
        at += (size_t)snprintf(out + at, size - at, "%.*s%s", (int)(found - text), text, value);
    if (at < size)
        snprintf(out + at, size - at, "%s", text);
}
