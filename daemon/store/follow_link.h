/* What another node writes into the database that this one follows: where its event log stands, and that its tokens
 * changed. A thread and a connection of its own hear it when it is told (tell.h), and look for themselves every second,
 * as nothing is told of a connection that was lost meanwhile, or by an older version. While the database is away
 * nothing is called; it comes back by itself. */
#ifndef TGCALLD_STORE_FOLLOW_LINK_H
#define TGCALLD_STORE_FOLLOW_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/clock.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"

struct follow_link;

struct follow_link_config {
    const char *url;                  /* of the database; copied */
    const struct clock_source *clock; /* borrowed */
    /* Both on the link's thread, where they may block, but for follow_link_sync() and _free(). */
    /* After each look: up to NEWEST all events are in the database that ever will be, 0: none. Less than before: the
     * database was put back to an older state. FORGOTTEN: another number than before where some that were there may
     * not be any more. */
    void (*newest)(void *ctx, uint64_t newest, uint64_t forgotten);
    /* With the first look, and when tokens changed. What is not 0 has it called again by the next look. */
    int (*tokens)(void *ctx);
    /* This node's number among those of the cluster, which tells the others that it knows the tokens (heard.h); 0: it
     * has none now. NULL: nobody is told. */
    int64_t (*node)(void *ctx);
    const char *key_path; /* of the seal key, for the others to know which ones this node has (next_key.h); borrowed.
                             NULL: they are not told */
    void *ctx;
};

/* Connects. Errors are db_open_server()'s. A database that has no tables yet is good: nothing is called until it has.
 */
int follow_link_new(const struct follow_link_config *config, struct follow_link **ret, struct fault *fault) TGC_MUST;
/* Has it look at once, and waits until a look that began after the call was called back (true), with all that was
 * committed before; or until UNTIL_US, of the config's clock. Any thread. */
bool follow_link_sync(struct follow_link *l, int64_t until_us);
/* Nothing is called any more. Waits for what the thread is at: an answer of the database's, for two seconds at most,
 * and what was called. NULL is fine. */
void follow_link_free(struct follow_link *l);

#endif
