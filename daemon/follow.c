#include "daemon/follow.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/store/event_rows.h"
#include "daemon/store/follow_link.h"

/* For the first look. */
#define PATIENCE_US (10 * SECOND_US)
/* Events that are read at once; where more came, who follows reads them from the disk. */
enum { PAGE_MAX = 256 };

struct node_follower {
    struct events *events;
    struct tokens_kept *tokens;
    int64_t (*node)(void *ctx);
    void *node_ctx;
    struct follow_link *link;
    struct store_desk *desk;
    bool has_looked;
    uint64_t forgotten; /* as follow_link.h has it */
    pthread_mutex_t lock;
    pthread_cond_t came;
    bool is_woken;     /* completions of the desk wait */
    bool leads;        /* the tokens are another thread's */
    bool is_at_tokens; /* until then they are this one's */
    bool has_failed;   /* and that was said */
};

/* --- on the link's thread --- */

static void on_wake(void *ctx)
{
    struct node_follower *f = ctx;

    pthread_mutex_lock(&f->lock);
    f->is_woken = true;
    pthread_cond_broadcast(&f->came);
    pthread_mutex_unlock(&f->lock);
}

/* What there is above AFTER and up to NEWEST, if it is all and nothing else is to be said of it. */
struct follow_page {
    uint64_t after, newest;
    struct event *list[PAGE_MAX];
    size_t n;
    bool is_done, is_good;
};

static void on_page(void *ctx, int err, const char *why, const struct store_event *list, size_t n, size_t damaged,
                    int64_t dropped)
{
    struct follow_page *p = ctx;
    size_t bytes = 0;

    (void)why;
    p->is_done = true;
    p->is_good = !err && !damaged && (uint64_t)dropped <= p->after;
    for (size_t i = 0; p->is_good && i < n; i++) {
        bytes += list[i].len;
        if ((uint64_t)list[i].id > p->newest)
            return;
        p->list[p->n] = event_new((uint64_t)list[i].id, &(struct event_words){.account = list[i].account,
                                                                              .type = list[i].type,
                                                                              .received_at = list[i].received_at,
                                                                              .data = list[i].data,
                                                                              .len = list[i].len});
        p->is_good = p->list[p->n] != NULL;
        p->n += p->is_good;
    }
    bool is_all = n < PAGE_MAX && bytes < STORE_EVENTS_BYTES;
    p->is_good = p->is_good && (is_all || (p->n && p->list[p->n - 1]->id == p->newest));
}

static void await(struct node_follower *f, const struct follow_page *p)
{
    while (!p->is_done) {
        pthread_mutex_lock(&f->lock);
        while (!f->is_woken)
            pthread_cond_wait(&f->came, &f->lock);
        f->is_woken = false;
        pthread_mutex_unlock(&f->lock);
        store_desk_run(f->desk);
    }
}

/* Read once, for all who follow: else each of them would read it from the disk. */
static bool read_new(struct node_follower *f, uint64_t after, uint64_t newest)
{
    struct follow_page *p = calloc(1, sizeof(*p));

    if (!p)
        return false;
    p->after = after;
    p->newest = newest;
    if (store_load_events(f->desk, (int64_t)after, PAGE_MAX, on_page, p) == 0)
        await(f, p);
    bool is_good = p->is_good;
    if (is_good)
        events_follow_with(f->events, newest, p->list, p->n);
    for (size_t i = 0; !is_good && i < p->n; i++)
        event_drop(p->list[i]);
    free(p);
    return is_good;
}

static void on_newest(void *ctx, uint64_t newest, uint64_t forgotten)
{
    struct node_follower *f = ctx;
    uint64_t shown = events_newest(f->events);

    if (f->forgotten != forgotten)
        events_follow_anew(f->events);
    f->forgotten = forgotten;
    if (!f->has_looked || newest <= shown || newest - shown > PAGE_MAX || !read_new(f, shown, newest))
        events_follow(f->events, newest);
    f->has_looked = true;
}

/* Whether the tokens are to be read here: they are this thread's until end_tokens(). */
static bool begin_tokens(struct node_follower *f)
{
    pthread_mutex_lock(&f->lock);
    bool may_read = f->is_at_tokens = !f->leads;
    pthread_mutex_unlock(&f->lock);
    return may_read;
}

static void end_tokens(struct node_follower *f)
{
    pthread_mutex_lock(&f->lock);
    f->is_at_tokens = false;
    pthread_cond_broadcast(&f->came);
    pthread_mutex_unlock(&f->lock);
}

static int on_tokens(void *ctx)
{
    struct node_follower *f = ctx;
    struct fault fault = {0};
    size_t n;

    if (!begin_tokens(f))
        return 0;
    int err = tokens_kept_load(f->tokens, &n, &fault);
    end_tokens(f);
    if (err && !f->has_failed)
        log_warning("cluster", "the tokens are those of before: %s; it is tried again", fault.text);
    else if (!err && f->has_failed)
        log_notice("cluster", "the tokens are known again");
    f->has_failed = err != 0;
    return err;
}

static int64_t own_node(void *ctx)
{
    const struct node_follower *f = ctx;

    return f->node ? f->node(f->node_ctx) : 0;
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
    *f = (struct node_follower){.events = config->events,
                                .tokens = config->tokens,
                                .leads = config->leads,
                                .node = config->node,
                                .node_ctx = config->ctx};
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->came, NULL);
    if (!f->leads)
        tokens_keep(f->tokens->tokens, &(struct tokens_keeper){.put = refuse_put, .drop = refuse_drop});
    const struct follow_link_config link = {.url = config->url,
                                            .clock = config->clock,
                                            .newest = on_newest,
                                            .tokens = on_tokens,
                                            .node = own_node,
                                            .key_path = config->key_path,
                                            .ctx = f};
    int err = store_desk_new(f->tokens->store, on_wake, f, &f->desk);
    if (err)
        fault_set(fault, err, "out of memory");
    if (!err)
        err = follow_link_new(&link, &f->link, fault);
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

void follow_lead(struct node_follower *f)
{
    pthread_mutex_lock(&f->lock);
    f->leads = true;
    while (f->is_at_tokens)
        pthread_cond_wait(&f->came, &f->lock);
    pthread_mutex_unlock(&f->lock);
}

void follow_end(struct node_follower *f)
{
    if (!f)
        return;
    follow_link_free(f->link);
    store_desk_free(f->desk);
    pthread_cond_destroy(&f->came);
    pthread_mutex_destroy(&f->lock);
    free(f);
}
