/* Names of event types that a webhook wants. */
#ifndef TGCALLD_HOOK_TYPES_H
#define TGCALLD_HOOK_TYPES_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/base/limits.h"

enum { HOOK_TYPE_MAX = 64 };

struct hook_types {
    char *text; /* the names, each with its NUL */
    size_t n;
    const char *list[LIMIT_HOOK_TYPES];
};

/* TGC_EINVAL with the pointer of the one ("/types/2"), TGC_ENOMEM. */
int hook_types_make(const char *const *list, size_t n, struct hook_types *ret, struct fault *fault) TGC_MUST;
/* As one text with a blank between two, and back. NULL where memory is gone: free(). */
char *hook_types_write(const struct hook_types *t);
int hook_types_read(const char *text, struct hook_types *ret, struct fault *fault) TGC_MUST;
void hook_types_fini(struct hook_types *t);
/* None: all. A gap says that something is missing, which may have been of any type. */
bool hook_types_have(const struct hook_types *t, const char *type);

#endif
