/* Members of structs ↔ JSON, by tables that serve both ways. */
#ifndef TGCALLD_SANDBOX_KEEP_MEMBERS_H
#define TGCALLD_SANDBOX_KEEP_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "daemon/base/err.h"

struct keep_member {
    const char *name;
    size_t at, size;
    bool is_text;
    bool is_optional; /* what was kept before there was one has none: 0 */
};

#define KEEP_NUMBER(type, member)                                                                                      \
    {                                                                                                                  \
#member, offsetof(struct type, member), sizeof(((struct type *)0)->member), false, false                       \
    }
#define KEEP_OPTIONAL(type, member)                                                                                    \
    {                                                                                                                  \
#member, offsetof(struct type, member), sizeof(((struct type *)0)->member), false, true                        \
    }
#define KEEP_TEXT(type, member)                                                                                        \
    {                                                                                                                  \
#member, offsetof(struct type, member), sizeof(((struct type *)0)->member), true, false                        \
    }

#define KEEP_OPTIONAL_TEXT(type, member)                                                                               \
    {                                                                                                                  \
#member, offsetof(struct type, member), sizeof(((struct type *)0)->member), true, true                         \
    }

/* OBJECT by its table, which ends with a row without a name; a new reference. */
json_t *keep_members_pack(const void *object, const struct keep_member *members);
/* TGC_ESYNTAX: one is not there, or is of another kind. */
int keep_members_unpack(void *object, const struct keep_member *members, const json_t *j) TGC_MUST;

#endif
