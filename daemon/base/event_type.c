#include "daemon/base/event_type.h"

#include <inttypes.h>
#include <stdio.h>
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

size_t event_gap_text(char out[static EVENT_GAP_MAX], uint64_t after, uint64_t id, int64_t received_at)
{
    return (size_t)snprintf(out, EVENT_GAP_MAX,
                            "{\"received_at\":%" PRId64 ",\"after\":%" PRIu64 ",\"resumes_after\":%" PRIu64 "}",
                            received_at, after, id);
}
