/* Everything an answer or update teaches, in one walk over its bytes and with no tree: users and chats with their
 * access hashes, group calls, ended logins of others. Belongs to the account's thread. */
#ifndef TGCALLD_TG_HARVEST_H
#define TGCALLD_TG_HARVEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/tg/known/calls.h"
#include "daemon/tg/known/peers.h"
#include "daemon/tl/schema.h"

enum { HARVEST_CALLS_MAX = 16, HARVEST_NAMES = 14 };

/* What is looked for, in a schema's own words: NULL where the layer lacks one. */
struct harvest_words {
    const struct tl_schema *schema;
    const struct tl_comb *combs[HARVEST_NAMES];
};

void tg_harvest_words(const struct tl_schema *schema, struct harvest_words *ret);

struct harvest {
    /* The group calls of updateGroupCall, in order; of other places with from_update false. Titles point into the
     * bytes. More than fit make `calls_lost`. */
    struct tg_call_seen calls[HARVEST_CALLS_MAX];
    size_t calls_n;
    bool calls_lost;
    bool too_long;   /* updatesTooLong: updates were missed */
    int64_t self_id; /* the account's own user, where it was shown; 0 */
    uint64_t undefined_flags;
};

/* Walks one result of METHOD (NULL: a boxed object, an update), puts peers into PEERS and fills RET. A fault is that of
 * tl_walk(): the bytes do not fit the layer; what was seen before it is kept. */
int tg_harvest(const struct harvest_words *words, const struct tl_comb *method, const void *data, size_t len,
               struct tg_peers *peers, struct harvest *ret, struct fault *fault) TGC_MUST;

#endif
