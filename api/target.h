/* The request target as it came over the wire (RFC 3986, RFC 9112 section 3.2): split into segments first, then each
 * decoded once, so that an encoded slash stays inside its segment. */
#ifndef TGCALLD_API_TARGET_H
#define TGCALLD_API_TARGET_H

#include <stddef.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

enum { TARGET_SEGMENTS_MAX = 8 };

struct target {
    const char *authority; /* of an absolute target, else NULL */
    const char *segments[TARGET_SEGMENTS_MAX];
    size_t count; /* 0 for "/"; TARGET_SEGMENTS_MAX + 1: more than any route has */
    char *query;  /* undecoded, without '?'; NULL */
};

/* Cuts RAW up in place; RET points into it. TGC_ESYNTAX: no path, a bad escape, %00, bytes that are not UTF-8. */
int target_parse(char *raw, struct target *ret, struct fault *fault) TGC_MUST;

/* Percent-decodes TEXT in place; '+' stays what it is. TGC_ESYNTAX as above. */
int target_decode(char *text, struct fault *fault) TGC_MUST;

#endif
