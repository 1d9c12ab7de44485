#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/base/thread.h"
#include "daemon/store/event_tally.h"
#include "daemon/store/hook_leave.h"
#include "daemon/store/intent_open.h"
#include "daemon/store/left.h"
#include "daemon/store/meta.h"
#include "daemon/store/migrate.h"
#include "daemon/store/past.h"
#include "daemon/store/store_internal.h"

enum { STACK_SIZE = 512 << 10 };

static int copy_config(const struct store_config *from, struct store_config *to)
{
    *to = *from;
    to->url = from->url ? strdup(from->url) : NULL;
    to->path = strdup(from->path);
    to->left_path = from->left_path ? strdup(from->left_path) : NULL;
    to->key_path = strdup(from->key_path);
    to->environment = from->environment ? strdup(from->environment) : NULL;
    to->place = from->place ? strdup(from->place) : NULL;
    uint8_t *fingerprint = malloc(from->fingerprint_len + 1);
    if (fingerprint)
        memcpy(fingerprint, from->fingerprint ? from->fingerprint : (const uint8_t *)"", from->fingerprint_len);
    to->fingerprint = fingerprint;
    return to->path && to->key_path && fingerprint && !to->environment == !from->environment &&
                   !to->place == !from->place && !to->url == !from->url && !to->left_path == !from->left_path
               ? 0
               : TGC_ENOMEM;
}

static void free_config(struct store_config *c)
{
    if (c->url)
        explicit_bzero((char *)c->url, strlen(c->url));
    free((char *)c->url);
    free((char *)c->path);
    free((char *)c->left_path);
    free((char *)c->key_path);
    free((char *)c->environment);
    free((char *)c->place);
    free((uint8_t *)c->fingerprint);
}

/* A new database, or one of an older version, or one that comes from elsewhere; all or nothing. */
static int bring_up(struct store *s, int version, const struct store_past *past, struct fault *fault)
{
    if (version == STORE_VERSION && !past->is_news)
        return 0;
    int err = db_begin(s->db, fault);
    if (!err)
        err = store_migrate(s->db, version, fault);
    if (!err && version == 0)
        err = store_meta_write(s, fault);
    if (!err)
        err = store_past_end(s, past, fault);
    if (!err)
        err = db_commit(s->db, fault);
    if (err)
        db_rollback(s->db);
    return err;
}

/* A change of keys was under way. What the database says of it may not have come to the disk, whence it is read again
 * after the machine's end: it is written once more before a key goes. */
static int confirm_key(struct store *s, struct fault *fault)
{
    int err = db_begin(s->db, fault);

    if (!err)
        err = store_meta_seal(s, s->ring.now, fault);
    if (!err)
        err = db_commit(s->db, fault);
    if (err)
        db_rollback(s->db);
    return err;
}

/* Where a disk is not mounted, or a database was lost, nobody should learn of it from the accounts' absence. A key that
 * is given is there before the first start too. */
static void tell_of_news(const struct store_config *c)
{
    if (!c->key_is_given && access(c->key_path, F_OK) == 0)
        log_warning("store",
                    "the database %s is made anew, without accounts, though there is a seal key for one: if there were "
                    "accounts, stop the daemon, and put their database or a backup of it in its place",
                    c->path);
}

/* What who has the database, or leads the nodes that have it, does of what is there. */
static int lead(struct store *s, int version, const struct store_past *past, struct fault *fault)
{
    int err = bring_up(s, version, past, fault);

    if (!err && s->ring.next)
        err = confirm_key(s, fault);
    if (!err)
        err = store_ring_settle(&s->config, &s->ring, fault);
    if (err || !s->config.environment)
        return err;
    store_warn_of_left(s);
    err = store_hook_sweep_open(s, fault);
    if (!err)
        err = store_intents_open(s, fault);
    return err ? err : store_events_open(s, fault);
}

/* What is the same of a file and a server, once it is known what is there. */
static int take(struct store *s, int version, const struct store_past *past, struct fault *fault)
{
    int err = db_claim(s->db, fault);

    /* Until then another node may have changed the key. */
    if (!err && s->config.node && version > 0)
        err = store_meta_follow(s, fault);
    return err || s->config.is_led ? err : lead(s, version, past, fault);
}

static int read_key(struct store *s, int version, struct fault *fault)
{
    int err = store_ring_load(&s->config, version > 0, &s->ring, fault);

    return err || version == 0 ? err : store_meta_check(s, fault);
}

/* Nothing is changed either until all was looked at, but that it is this process's. Where there are accounts and no key
 * for them, none is made. */
static int open_server(struct store *s, struct fault *fault)
{
    const struct store_past past = {0};
    int version = 0;
    const struct db_server server = {.url = s->config.url, .clock = s->config.clock, .node = s->config.node};
    int err = db_open_server(&server, &s->db, fault);

    if (!err)
        err = store_version(s->db, s->config.path, &version, fault);
    if (!err && s->config.is_led && version != STORE_VERSION)
        err = fault_set(fault, TGC_ESTATE, "the database is of version %d, and this program's is %d", version,
                        STORE_VERSION);
    if (!err && version == 0 && !s->config.environment)
        err = fault_set(fault, TGC_EUNKNOWN, "there is nothing in %s", s->config.path);
    if (!err)
        err = read_key(s, version, fault);
    return err ? err : take(s, version, &past, fault);
}

/* Until all was looked at, nothing is changed. */
static int open_file(struct store *s, struct fault *fault)
{
    struct store_past past = {.is_news = true};
    struct stat st;
    int version = 0, err = 0;
    bool is_seen = lstat(s->config.path, &st) == 0, is_there = is_seen || errno != ENOENT;

    if (!is_there && !s->config.environment)
        err = fault_set(fault, TGC_EUNKNOWN, "there is no database %s", s->config.path);
    if (!err)
        err = db_check_journal(s->config.path, fault);
    if (!err && s->config.environment && (!is_there || (is_seen && st.st_size == 0)))
        tell_of_news(&s->config);
    if (!err)
        err = store_ring_load(&s->config, is_there, &s->ring, fault);
    if (!err)
        err = db_open(s->config.path, &s->db, fault);
    if (!err)
        err = store_version(s->db, s->config.path, &version, fault);
    if (!err && version > 0)
        err = store_meta_check(s, fault);
    else if (!err && !s->config.environment)
        err = fault_set(fault, TGC_EUNKNOWN, "there is nothing in the database %s", s->config.path);
    if (!err && version > 0)
        err = store_past_read(s, &past, fault);
    return err ? err : take(s, version, &past, fault);
}

/* What open_server() finds out before it takes anything. */
static int look_at_server(struct store *s, int *ret_version, struct fault *fault)
{
    const struct db_server server = {.url = s->config.url, .clock = s->config.clock, .is_shared = true};
    int err = db_open_server(&server, &s->db, fault);

    if (!err)
        err = store_version(s->db, s->config.path, ret_version, fault);
    return err || *ret_version == 0 ? err : read_key(s, *ret_version, fault);
}

int store_lead(struct store *s, struct fault *fault)
{
    const struct store_past past = {0};
    struct store_ring ring = s->ring;
    int version = 0;

    s->ring = (struct store_ring){0};
    int err = store_version(s->db, s->config.path, &version, fault);
    if (!err)
        err = read_key(s, version, fault);
    if (!err)
        err = lead(s, version, &past, fault);
    if (!err) {
        store_ring_free(&ring);
        s->config.is_led = false;
        return 0;
    }
    store_ring_free(&s->ring);
    s->ring = ring;
    return err;
}

static void free_store(struct store *s)
{
    db_close(s->db);
    if (s->lineage_fd >= 0)
        close(s->lineage_fd);
    store_ring_free(&s->ring);
    free_config(&s->config);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->came);
    free(s);
}

int store_look_at_server(const struct store_config *config, int *ret_version, struct fault *fault)
{
    struct store s = {.config = *config};
    int err = look_at_server(&s, ret_version, fault);

    db_close(s.db);
    store_ring_free(&s.ring);
    return err;
}

int store_open(const struct store_config *config, struct store **ret, struct fault *fault)
{
    struct store *s = calloc(1, sizeof(*s));

    if (!s)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    s->lineage_fd = -1;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->came, NULL);
    store_list_init(&s->queue);
    store_list_init(&s->unsure);
    store_list_init(&s->settled);
    int err = copy_config(config, &s->config);
    if (err)
        fault_set(fault, err, "out of memory");
    if (!err)
        err = s->config.url ? open_server(s, fault) : open_file(s, fault);
    if (!err)
        err = thread_start(&s->thread, STACK_SIZE, store_thread, s, "the store's thread", fault);
    if (err) {
        free_store(s);
        return err;
    }
    *ret = s;
    return 0;
}

int store_take_over(struct store *s, struct fault *fault)
{
    struct store_turn turn = {.fault = fault};

    pthread_cond_init(&turn.over, NULL);
    pthread_mutex_lock(&s->lock);
    s->turn = &turn;
    pthread_cond_signal(&s->came);
    while (!turn.is_over)
        pthread_cond_wait(&turn.over, &s->lock);
    pthread_mutex_unlock(&s->lock);
    pthread_cond_destroy(&turn.over);
    return turn.err;
}

const char *store_path(const struct store *s)
{
    return s->config.path;
}

const char *store_key_path(const struct store *s)
{
    return s->config.key_path;
}

bool store_key_is_given(const struct store *s)
{
    return s->config.key_is_given;
}

int store_close(struct store *s, struct fault *fault)
{
    if (!s)
        return 0;
    pthread_mutex_lock(&s->lock);
    s->is_closing = true;
    pthread_cond_signal(&s->came);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    int err = s->unheard.err;
    if (err)
        fault_set(fault, err, "%s", s->unheard.text);
    free_store(s);
    return err;
}
