/* One token as it is kept, and its form in the file of tokens:
 * {"name", "hash" (hex of SHA-256), "scopes": [...], "accounts"?: [...], "created_at"}. */
#ifndef TGCALLD_BRIDGE_TOKEN_ENTRY_H
#define TGCALLD_BRIDGE_TOKEN_ENTRY_H

#include <stdint.h>

#include <jansson.h>

#include "daemon/base/digest.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"

enum { TOKEN_NAME_MAX = 64 };

struct token_entry {
    char *name;
    uint8_t hash[DIGEST_SIZE];
    unsigned scopes;
    json_t *accounts; /* NULL: any */
    int64_t created_at;
};

/* Into *RET, whose members are the caller's (token_entry_fini). On a fault *RET is empty. */
int token_entry_read(const json_t *json, struct token_entry *ret, struct fault *fault) TGC_MUST;
void token_entry_fini(struct token_entry *e);
/* The caller owns it. NULL where memory is gone. */
json_t *token_entry_json(const struct token_entry *e);

#endif
