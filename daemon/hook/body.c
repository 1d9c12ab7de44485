#include "daemon/hook/body.h"

#include <time.h>

int hook_body_put(struct buf *out, const char *type, int64_t received_at, const char *data, size_t len)
{
    time_t at = received_at;
    struct tm tm;
    char text[40] = "1970-01-01T00:00:00Z";

    if (gmtime_r(&at, &tm))
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
    buf_put_text(out, "{\"type\":\"");
    buf_put_text(out, type);
    buf_put_text(out, "\",\"timestamp\":\"");
    buf_put_text(out, text);
    buf_put_text(out, "\",\"data\":");
    buf_put(out, data, len);
    return buf_put_byte(out, '}');
}
