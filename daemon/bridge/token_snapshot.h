/* All tokens at one moment, to be found by their hashes; never changed once it is read from. */
#ifndef TGCALLD_BRIDGE_TOKEN_SNAPSHOT_H
#define TGCALLD_BRIDGE_TOKEN_SNAPSHOT_H

#include <stddef.h>

#include "daemon/bridge/token_entry.h"

/* By the first bytes of the hash: SHA-256 spreads them evenly, and they tell nothing of the token. */
struct token_snapshot {
    size_t count;
    uint32_t *slots; /* an entry's number and one more; 0: none */
    uint32_t mask;
    struct token_entry entries[];
};

/* Room for COUNT, with none in it. NULL where memory is gone. */
struct token_snapshot *token_snapshot_new(size_t count);
void token_snapshot_free(struct token_snapshot *s);
/* {"tokens": [...]} as token_entry.h has them; those that are in BEFORE too go on with their use. */
int token_snapshot_read(const json_t *json, const struct token_snapshot *before, struct token_snapshot **ret,
                        struct fault *fault) TGC_MUST;
/* NULL: none. What is compared with the hash is compared whole. */
const struct token_entry *token_snapshot_find(const struct token_snapshot *s, const uint8_t hash[static DIGEST_SIZE]);

#endif
