#include "api/target.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/hex.h"
#include "daemon/base/utf8.h"

int target_decode(char *text, struct fault *fault)
{
    char *out = text;

    for (const char *in = text; *in; in++) {
        if (*in != '%') {
            *out++ = *in;
            continue;
        }
        if (!in[1] || !in[2] || hex_decode(in + 1, 2, out, 1) != 0)
            return fault_set(fault, TGC_ESYNTAX, "a '%%' in the target must be followed by two hex digits");
        if (*out == '\0')
            return fault_set(fault, TGC_ESYNTAX, "the target must not have %%00");
        out++;
        in += 2;
    }
    *out = '\0';
    if (!utf8_is_valid(text, (size_t)(out - text)))
        return fault_set(fault, TGC_ESYNTAX, "the target must decode to UTF-8");
    return 0;
}

/* "http://host:port/path" as proxies send it; the path is left in *RAW. */
static const char *take_authority(char **raw)
{
    char *start = *raw;

    if (strncasecmp(start, "http://", 7) == 0)
        start += 7;
    else if (strncasecmp(start, "https://", 8) == 0)
        start += 8;
    else
        return NULL;
    /* Two bytes to the left, to have room for a NUL and for the slash of an empty path (RFC 9112, 3.2.2). */
    size_t len = strcspn(start, "/?");
    bool is_empty = start[len] != '/';
    memmove(start - 2, start, len);
    start[(ptrdiff_t)len - 2] = '\0';
    *raw = start + len - is_empty;
    **raw = '/';
    return start - 2;
}

int target_parse(char *raw, struct target *ret, struct fault *fault)
{
    struct target t = {0};

    t.authority = take_authority(&raw);
    if (*raw != '/')
        return fault_set(fault, TGC_ESYNTAX, "the target must be a path");
    char *query = strchr(raw, '?');
    if (query) {
        *query = '\0';
        t.query = query + 1;
    }
    char *next = raw[1] ? raw + 1 : NULL;
    while (next) {
        char *segment = next;
        next = strchr(segment, '/');
        if (next)
            *next++ = '\0';
        int err = target_decode(segment, fault);
        if (err)
            return err;
        if (t.count < TARGET_SEGMENTS_MAX)
            t.segments[t.count++] = segment;
        else
            t.count = TARGET_SEGMENTS_MAX + 1;
    }
    *ret = t;
    return 0;
}
