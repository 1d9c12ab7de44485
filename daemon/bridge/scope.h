/* What a token may be allowed: names and sets of them. */
#ifndef TGCALLD_BRIDGE_SCOPE_H
#define TGCALLD_BRIDGE_SCOPE_H

#include <jansson.h>

enum scope {
    SCOPE_READ = 1,
    SCOPE_CALLS = 2,
    SCOPE_ACCOUNTS = 4,
    SCOPE_METHODS = 8,
    SCOPE_SECRETS = 16,
    SCOPE_ADMIN = 32, /* implies all */
    SCOPE_ALL = 63,
};

/* "read" → SCOPE_READ …; 0 for another name. */
unsigned scope_parse(const char *name);
/* "read, calls" for a set of them. */
enum { SCOPE_TEXT_SIZE = 64 };
void scope_text(unsigned set, char out[static SCOPE_TEXT_SIZE]);
/* ["read", "calls"]; the caller owns it. NULL where memory is gone. */
json_t *scope_names(unsigned set);

#endif
