/* This node while another one has the accounts: it knows the event log and the tokens as that one writes them into the
 * database they share (store/follow_link.h). */
#ifndef TGCALLD_FOLLOW_H
#define TGCALLD_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/clock.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/bridge/events.h"
#include "daemon/tokens_kept.h"

struct node_follower;

struct follow_config {
    const char *url;                  /* of the database; copied */
    const struct clock_source *clock; /* borrowed, as the rest */
    struct events *events;            /* nothing was appended */
    struct tokens_kept *tokens;       /* open, and not begun; its store reads that database */
    /* This node's number among those of the cluster, on a thread of its own; 0: it has none now. NULL: nobody is told
     * what it knows. */
    int64_t (*node)(void *ctx);
    const char *key_path; /* of the seal key: the other nodes are told which ones are there; NULL: they are not */
    void *ctx;
};

/* EVENTS follow, and TOKENS are what the store has, when it returns; until follow_end() they are kept so on a thread of
 * its own, which is TOKENS' only user then. A change of them is refused here meanwhile: TGC_EREADONLY. Errors are
 * db_open_server()'s, and TGC_EAWAY where the database does not answer, or has no tables yet. */
int follow_begin(const struct follow_config *config, struct node_follower **ret, struct fault *fault) TGC_MUST;
/* Has what was committed before the call be known here: true; or not until UNTIL_US, of the config's clock. Any
 * thread. */
bool follow_sync(struct node_follower *f, int64_t until_us);
/* What is known stays as it is. Who takes over calls this, then has the store be its own, and then
 * events_kept_take_over(), token_files_load() and tokens_kept_begin(): something may have been written until then.
 * NULL is fine. */
void follow_end(struct node_follower *f);

#endif
