#include "daemon/store/follow_link.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/base/thread.h"
#include "daemon/store/event_tally.h"
#include "daemon/store/heard.h"
#include "daemon/store/next_key.h"
#include "daemon/store/ring.h"
#include "daemon/store/tell.h"

enum { STACK_SIZE = 512 << 10 };
#define LOOK_US SECOND_US
#define PATIENCE_US (2 * SECOND_US)

/* Of the tokens' state, which is only ever compared. */
enum { STATE_SIZE = 128 };

struct follow_link {
    struct follow_link_config config;
    struct db *db;
    int woken; /* eventfd */
    pthread_t thread;
    bool is_away;             /* the server did not answer */
    char why[FAULT_TEXT_MAX]; /* what was said of that last */
    char tokens[STATE_SIZE];  /* as they were when they were called back; "": not yet */
    char heard[STATE_SIZE];   /* what the others were told of that, by the node: */
    int64_t heard_by;
    char keys[STORE_RING_IDS]; /* and of the seal keys */
    int64_t keys_by;
    /* Under the lock. */
    pthread_mutex_t lock;
    pthread_cond_t looked;
    uint64_t begun, done; /* looks: the last one's number, and the last one's that was called back */
    bool is_ending;
};

static int64_t now(const struct follow_link *l)
{
    return clock_mono_us(l->config.clock);
}

static int listen_to(struct db *db, struct fault *fault)
{
    return db_exec(db, "LISTEN " STORE_TOLD_EVENT "; LISTEN " STORE_TOLD_TOKEN, fault);
}

/* --- a look --- */

struct follow_seen {
    uint64_t newest, forgotten;
    char tokens[STATE_SIZE], mark[STATE_SIZE / 2]; /* MARK: of the last that changed them */
};

static void copy_text(struct db_stmt *st, int n, char *ret, size_t size)
{
    size_t len = 0;
    const uint8_t *value = db_blob(st, n, &len);

    snprintf(ret, size, "%.*s", (int)(len < size ? len : size - 1), value ? (const char *)value : "");
}

/* One statement sees one state. Tokens are counted too, for who writes them without a word. */
static int look(struct follow_link *l, struct follow_seen *ret, struct fault *fault)
{
    static const char sql[] = "SELECT coalesce((SELECT last FROM event_pages ORDER BY id DESC LIMIT 1), 0),"
                              " (SELECT value FROM meta WHERE name = '" EVENT_TALLY "'),"
                              " (SELECT value FROM meta WHERE name = '" STORE_META_TOKENS "'),"
                              " (SELECT count(*) FROM tokens), (SELECT coalesce(max(id), 0) FROM tokens)";
    char text[EVENT_TALLY_TEXT];
    struct event_tally tally;
    struct db_stmt *st;
    bool row = false;
    int err = db_prepare(l->db, sql, &st, fault);

    if (!err)
        err = db_step(st, &row, fault);
    if (err)
        return err;
    copy_text(st, 1, text, sizeof(text));
    copy_text(st, 2, ret->mark, sizeof(ret->mark));
    int64_t last = db_int(st, 0), n = db_int(st, 3), max = db_int(st, 4);
    db_reset(st);
    if (!event_tally_parse(text, &tally))
        return fault_set(fault, TGC_EDAMAGED, "the database does not say which numbers its events had");
    ret->newest = (uint64_t)(tally.newest > last ? tally.newest : last);
    ret->forgotten = (uint64_t)tally.forgotten;
    snprintf(ret->tokens, sizeof(ret->tokens), "%s %lld %lld", ret->mark, (long long)n, (long long)max);
    return 0;
}

static void failed(struct follow_link *l, int err, const struct fault *fault)
{
    if (strcmp(l->why, fault->text) != 0)
        log_warning("cluster", "what other nodes write is not heard: %s; it is tried again", fault->text);
    memcpy(l->why, fault->text, sizeof(l->why));
    l->is_away = l->is_away || err == TGC_EAWAY; /* until all is heard again */
}

static void worked(struct follow_link *l)
{
    if (l->why[0])
        log_notice("cluster", "what other nodes write is heard again");
    l->why[0] = '\0';
}

static int come_back(struct follow_link *l, struct fault *fault)
{
    bool committed;
    int err = db_recover(l->db, &committed, fault);

    if (!err)
        err = listen_to(l->db, fault);
    if (!err)
        l->is_away = false;
    l->heard_by = l->keys_by = 0; /* a crash of the server forgets it */
    return err;
}

/* False: the tokens could not be taken. */
static bool call_back(struct follow_link *l, const struct follow_seen *seen)
{
    l->config.newest(l->config.ctx, seen->newest, seen->forgotten);
    if (strcmp(l->tokens, seen->tokens) == 0)
        return true;
    if (l->config.tokens(l->config.ctx) != 0)
        return false;
    memcpy(l->tokens, seen->tokens, sizeof(l->tokens));
    return true;
}

/* A file that is put there later is found by a later look. */
static int tell_keys(struct follow_link *l, struct fault *fault)
{
    int64_t node = l->config.node && l->config.key_path ? l->config.node(l->config.ctx) : 0;
    char keys[STORE_RING_IDS];

    if (!node)
        return 0;
    store_ring_ids(l->config.key_path, keys);
    if (node == l->keys_by && strcmp(keys, l->keys) == 0)
        return 0;
    int err = next_key_note(l->db, node, keys, fault);
    if (err)
        return err;
    memcpy(l->keys, keys, sizeof(keys));
    l->keys_by = node;
    return 0;
}

static int tell_others(struct follow_link *l, const struct follow_seen *seen, struct fault *fault)
{
    int64_t node = l->config.node ? l->config.node(l->config.ctx) : 0;

    if (!node || (node == l->heard_by && strcmp(l->heard, seen->mark) == 0))
        return 0;
    int err = heard_note(l->db, node, seen->mark, fault);
    if (err)
        return err;
    snprintf(l->heard, sizeof(l->heard), "%s", seen->mark);
    l->heard_by = node;
    return 0;
}

static void look_once(struct follow_link *l)
{
    struct fault fault = {0};
    struct follow_seen seen;

    pthread_mutex_lock(&l->lock);
    uint64_t number = ++l->begun;
    pthread_mutex_unlock(&l->lock);
    int err = l->is_away ? come_back(l, &fault) : 0;
    if (!err)
        err = look(l, &seen, &fault);
    if (err) {
        failed(l, err, &fault);
        return;
    }
    if (!call_back(l, &seen))
        return;
    err = tell_others(l, &seen, &fault);
    if (!err)
        err = tell_keys(l, &fault);
    if (err) {
        failed(l, err, &fault);
        return;
    }
    worked(l);
    pthread_mutex_lock(&l->lock);
    l->done = number;
    pthread_cond_broadcast(&l->looked);
    pthread_mutex_unlock(&l->lock);
}

/* --- the thread --- */

static void wait_for_more(struct follow_link *l, int64_t until_us)
{
    struct fault fault = {0};
    bool is_told;
    eventfd_t n;

    int err = db_wait(l->db, l->woken, until_us, &is_told, &fault);
    if (err)
        failed(l, err, &fault);
    eventfd_read(l->woken, &n);
}

static bool is_ending(struct follow_link *l)
{
    pthread_mutex_lock(&l->lock);
    bool is = l->is_ending;
    pthread_mutex_unlock(&l->lock);
    return is;
}

static void *run(void *link)
{
    struct follow_link *l = link;

    while (!is_ending(l)) {
        int64_t begun_us = now(l);
        look_once(l);
        wait_for_more(l, begun_us + LOOK_US);
    }
    return NULL;
}

/* --- from other threads --- */

bool follow_link_sync(struct follow_link *l, int64_t until_us)
{
    pthread_mutex_lock(&l->lock);
    uint64_t wanted = l->begun + 1;
    eventfd_write(l->woken, 1);
    while (l->done < wanted && thread_await(&l->looked, &l->lock, l->config.clock, until_us))
        ;
    bool is = l->done >= wanted;
    pthread_mutex_unlock(&l->lock);
    return is;
}

static void release(struct follow_link *l)
{
    db_close(l->db);
    if (l->woken >= 0)
        close(l->woken);
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->looked);
    free(l);
}

int follow_link_new(const struct follow_link_config *config, struct follow_link **ret, struct fault *fault)
{
    const struct db_server server = {
        .url = config->url, .clock = config->clock, .patience_us = PATIENCE_US, .is_shared = true};
    struct follow_link *l = calloc(1, sizeof(*l));

    if (!l)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    l->config = *config;
    l->config.url = NULL; /* it is the driver's now */
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->looked, NULL);
    l->woken = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int err = l->woken < 0 ? fault_set(fault, TGC_ESYSTEM, "cannot make an eventfd: %s", strerror(errno)) : 0;
    if (!err)
        err = db_open_server(&server, &l->db, fault);
    if (!err)
        err = listen_to(l->db, fault);
    if (!err)
        err = thread_start(&l->thread, STACK_SIZE, run, l, "the thread that follows other nodes", fault);
    if (err) {
        release(l);
        return err;
    }
    *ret = l;
    return 0;
}

void follow_link_free(struct follow_link *l)
{
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    l->is_ending = true;
    pthread_mutex_unlock(&l->lock);
    eventfd_write(l->woken, 1);
    pthread_join(l->thread, NULL);
    release(l);
}
