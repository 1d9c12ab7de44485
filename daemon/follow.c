#include "daemon/follow.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/store/follow_link.h"

/* For the first look. */
#define PATIENCE_US (10 * SECOND_US)

struct node_follower {
    struct events *events;
    struct tokens_kept *tokens;
    struct follow_link *link;
    bool has_failed; /* and that was said */
};

/* --- on the link's thread --- */

static void on_newest(void *ctx, uint64_t newest)
{
    events_follow(((struct node_follower *)ctx)->events, newest);
}

static int on_tokens(void *ctx)
{
    struct node_follower *f = ctx;
    struct fault fault = {0};
    size_t n;
    int err = tokens_kept_load(f->tokens, &n, &fault);

    if (err && !f->has_failed)
        log_warning("cluster", "the tokens are those of before: %s; it is tried again", fault.text);
    else if (!err && f->has_failed)
        log_notice("cluster", "the tokens are known again");
    f->has_failed = err != 0;
    return err;
}

/* --- who would change them here --- */

static int refuse(struct fault *fault)
{
    const char *why = "another node has the accounts, and the tokens are changed there";

    if (fault)
        fault_set(fault, TGC_EREADONLY, "%s", why);
    return TGC_EREADONLY;
}

static int refuse_put(void *ctx, const json_t *entry, struct fault *fault)
{
    (void)ctx, (void)entry;
    return refuse(fault);
}

static int refuse_drop(void *ctx, const char *name, struct fault *fault)
{
    (void)ctx, (void)name;
    return refuse(fault);
}

/* --- */

int follow_begin(const struct follow_config *config, struct node_follower **ret, struct fault *fault)
{
    struct node_follower *f = calloc(1, sizeof(*f));

    if (!f)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    *f = (struct node_follower){.events = config->events, .tokens = config->tokens};
    tokens_keep(f->tokens->tokens, &(struct tokens_keeper){.put = refuse_put, .drop = refuse_drop});
    const struct follow_link_config link = {
        .url = config->url, .clock = config->clock, .newest = on_newest, .tokens = on_tokens, .ctx = f};
    int err = follow_link_new(&link, &f->link, fault);
    if (!err && !follow_link_sync(f->link, clock_mono_us(config->clock) + PATIENCE_US))
        err = fault_set(fault, TGC_EAWAY, "the database does not say what the node that has the accounts wrote");
    if (err)
        follow_end(f);
    else
        *ret = f;
    return err;
}

bool follow_sync(struct node_follower *f, int64_t until_us)
{
    return follow_link_sync(f->link, until_us);
}

void follow_end(struct node_follower *f)
{
    if (!f)
        return;
    follow_link_free(f->link);
    tokens_keep(f->tokens->tokens, &(struct tokens_keeper){0});
    free(f);
}
