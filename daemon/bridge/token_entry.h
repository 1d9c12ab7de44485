/* One token as it is kept, and its form there:
 * {"name", "hash" (hex of SHA-256), "scopes": [...], "accounts"?: [...], "created_at", "expires_at"?, "last_used_at"?}.
 */
#ifndef TGCALLD_BRIDGE_TOKEN_ENTRY_H
#define TGCALLD_BRIDGE_TOKEN_ENTRY_H

#include <stdatomic.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/digest.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"

enum { TOKEN_NAME_MAX = 64 };
/* What tells it from all others, also from one that had its name before: hex digits of the hash, or who it is where a
 * socket says so. */
enum { TOKEN_ID_MAX = 16 };

/* When a token was used last, which outlives each snapshot that has it. Any thread. */
struct token_use {
    atomic_uint holders;
    atomic_int_least64_t at;     /* Unix seconds; 0: never */
    atomic_int_least64_t due_us; /* when all that came would have come, had it kept to its rate */
};

struct token_entry {
    char *name;
    uint8_t hash[DIGEST_SIZE];
    unsigned scopes;
    json_t *accounts; /* NULL: any */
    int64_t created_at;
    int64_t expires_at; /* Unix seconds; 0: never */
    struct token_use *use;
};

/* Into *RET, whose members are the caller's (token_entry_fini). On a fault *RET is empty. */
int token_entry_read(const json_t *json, struct token_entry *ret, struct fault *fault) TGC_MUST;
void token_entry_fini(struct token_entry *e);
/* With one holder. NULL where memory is gone. */
struct token_use *token_use_new(int64_t last_used_at);
/* One more holder of USE; the last one frees it. */
struct token_use *token_use_hold(struct token_use *use);
void token_use_drop(struct token_use *use);
/* One more request at NOW, of a clock that all ask by, where RATE (1 to 1,000,000) may come in a second and as many at
 * once. 0: it may; else after how many microseconds it may. */
int64_t token_use_wait_us(struct token_use *use, int64_t now, unsigned rate);
/* The caller owns it. NULL where memory is gone. */
json_t *token_entry_json(const struct token_entry *e);

#endif
