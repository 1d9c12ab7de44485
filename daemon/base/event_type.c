#include "daemon/base/event_type.h"

#include <string.h>

#include "daemon/base/limits.h"

#define WORD "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."

static const char *const own[] = {"call", "account", "job", "live", "schedule", "stream_key", "gap"};

bool event_type_is(const char *text, size_t len)
{
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        if (strlen(own[i]) == len && memcmp(own[i], text, len) == 0)
            return true;
    return len > 6 && len <= LIMIT_WORD && memcmp(text, "update", 6) == 0 && strspn(text, WORD) >= len;
}
