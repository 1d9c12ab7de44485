/* What a node knows of what others write into the database they share (store/follow_link.h): the event log, which all
 * write, and the tokens, which the one that leads changes. */
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
    struct events *events;            /* shared */
    struct tokens_kept *tokens;       /* open, and not begun; its store reads that database */
    bool leads;                       /* this node does already: as after follow_lead(), TOKENS are the caller's */
    /* This node's number among those of the cluster, on a thread of its own; 0: it has none now. NULL: nobody is told
     * what it knows. */
    int64_t (*node)(void *ctx);
    const char *key_path; /* of the seal key: the other nodes are told which ones are there; NULL: they are not */
    void *ctx;
};

/* EVENTS follow, and TOKENS are what the store has, when it returns; until follow_end() they are kept so on a thread of
 * its own, which is TOKENS' only user until follow_lead(). A change of them is refused here meanwhile: TGC_EREADONLY.
 * Errors are db_open_server()'s, and TGC_EAWAY where the database does not answer, or has no tables yet. */
int follow_begin(const struct follow_config *config, struct node_follower **ret, struct fault *fault) TGC_MUST;
/* Has what was committed before the call be known here: true; or not until UNTIL_US, of the config's clock. Any
 * thread. */
bool follow_sync(struct node_follower *f, int64_t until_us);
/* This node leads, and its store is its own by now: the tokens are changed here, and are not read any more. The caller
 * is their user from now on, and reads them itself: something may have been written until then. */
void follow_lead(struct node_follower *f);
/* What is known stays as it is. NULL is fine. */
void follow_end(struct node_follower *f);

#endif
