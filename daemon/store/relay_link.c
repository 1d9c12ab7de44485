#include "daemon/store/relay_link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/base/thread.h"
#include "daemon/store/relay_link_internal.h"

enum { STACK_SIZE = 512 << 10 };
/* Requests that leave the table some ten MB of what was removed. */
enum { WORN = 10000 };
/* What nobody told of is looked for. */
#define LOOK_US SECOND_US
#define SWEEP_US (5 * SECOND_US)
#define AGAIN_US (SECOND_US / 4)
/* Nobody says when this node has a number. */
#define NODE_US (SECOND_US / 20)
/* A worker that had no room has some by then. */
#define REST_US (20 * INT64_C(1000))

const char *relay_link_away(const struct relay_link *l)
{
    return l->is_away ? l->why : NULL;
}

void relay_link_wake(struct relay_link *l)
{
    eventfd_write(l->woken, 1);
}

void relay_link_serve(struct relay_link *l, bool is_on)
{
    atomic_store(&l->serves, is_on);
    relay_link_wake(l);
}

void relay_link_holds(struct relay_link *l, unsigned lease, bool is_on)
{
    uint64_t bit = UINT64_C(1) << lease;

    if (!is_on) {
        atomic_fetch_and(&l->leases, ~bit);
        return;
    }
    if (atomic_fetch_or(&l->leases, bit) & bit)
        return;
    atomic_store(&l->has_gained, true);
    relay_link_wake(l);
}

bool relay_link_has(struct relay_link *l, unsigned lease)
{
    return lease == RELAY_FOR_NODE || (atomic_load(&l->leases) >> lease & 1);
}

/* --- the connection --- */

static void went_away(struct relay_link *l, const struct fault *fault)
{
    if (strcmp(l->why, fault->text) != 0)
        log_warning("cluster", "what nodes ask each other waits: %s; it is tried again", fault->text);
    memcpy(l->why, fault->text, sizeof(l->why));
    l->is_away = true;
    l->is_listening = false;
    l->again_us = relay_now(l) + AGAIN_US;
}

/* Of what was asked and taken by way of another connection it is learned what came. Only then the mark is made anew. */
static int set_up(struct relay_link *l, struct fault *fault)
{
    int err = relay_sql_prepare(l->db, l->node, fault);

    if (!err)
        err = relay_asks_look(l, fault);
    if (!err)
        err = relay_sql_mark(l->db, l->node, fault);
    if (!err)
        err = relay_takes_look(l, fault);
    if (!err)
        err = relay_sql_session(l->db, &l->session, fault);
    l->wants_take = l->wants_fetch = true;
    return err;
}

/* Only when the server is done with the last connection does it tell what came of it. */
static int come_back(struct relay_link *l, struct fault *fault)
{
    bool is_committed;
    int err = db_recover(l->db, &is_committed, fault);

    if (!err && l->session.pid)
        err = relay_sql_end(l->db, &l->session, fault);
    if (!err && l->node)
        err = set_up(l, fault);
    if (err)
        return err;
    log_notice("cluster", "what nodes ask each other goes on");
    l->why[0] = '\0';
    l->is_away = false;
    return 0;
}

static int follow_node(struct relay_link *l, struct fault *fault)
{
    int64_t node = l->config.calls.node_id(l->config.calls.ctx);
    int err = 0;

    if (!node || node == l->node)
        return 0;
    if (l->node)
        err = relay_sql_rename(l->db, l->node, node, fault);
    if (err)
        return err;
    bool is_first = !l->node;
    l->node = node;
    return is_first ? set_up(l, fault) : 0;
}

static int listen_or_not(struct relay_link *l, struct fault *fault)
{
    bool serves = atomic_load(&l->serves);
    int err = serves == l->is_listening ? 0 : relay_sql_listen(l->db, serves, fault);

    if (err)
        return err;
    if (serves && !l->is_listening)
        l->wants_take = true;
    l->is_listening = serves;
    return 0;
}

/* --- a turn --- */

static int send_batch(struct relay_link *l, struct fault *fault)
{
    bool is_unsure = false;
    int err = db_begin(l->db, fault);

    if (!err)
        err = relay_asks_send(l, fault);
    if (!err)
        err = relay_takes_send(l, fault);
    if (!err) {
        err = db_commit(l->db, fault);
        is_unsure = err != 0;
    }
    if (err)
        db_rollback(l->db);
    if (!err || is_unsure)
        relay_asks_sent(l, !err);
    if (!err)
        relay_takes_sent(l);
    return err;
}

static int take(struct relay_link *l, struct fault *fault)
{
    int64_t now = relay_now(l);
    int err = 0;

    if (atomic_exchange(&l->has_gained, false))
        l->wants_take = true;
    if (l->is_listening && l->wants_take && now >= l->rest_us)
        err = relay_takes_take(l, &l->wants_take, fault);
    if (l->has_returned) {
        l->rest_us = now + REST_US;
        l->wants_take = true;
        l->has_returned = false;
    }
    return err;
}

static int vacuum(struct relay_link *l, struct fault *fault)
{
    if (l->taken_n < WORN)
        return 0;
    l->taken_n = 0;
    return relay_sql_vacuum(l->db, fault);
}

static int look(struct relay_link *l, struct fault *fault)
{
    int64_t now = relay_now(l);
    int err;

    if (now < l->look_us)
        return 0;
    l->look_us = now + LOOK_US;
    l->wants_take = l->wants_fetch = true;
    err = relay_asks_mend(l, fault);
    if (!err)
        err = relay_asks_drop(l, fault);
    if (!err)
        err = vacuum(l, fault);
    if (err || !l->is_listening || now < l->sweep_us)
        return err;
    l->sweep_us = now + SWEEP_US;
    return relay_sql_sweep(l->db, l->config.lease_us, fault);
}

static int work(struct relay_link *l, struct fault *fault)
{
    int err = follow_node(l, fault);

    if (err || !l->node)
        return err;
    err = listen_or_not(l, fault);
    if (!err && (relay_asks_has_more(l) || relay_takes_has_more(l)))
        err = send_batch(l, fault);
    if (!err)
        err = take(l, fault);
    if (!err && l->put_n && l->wants_fetch)
        err = relay_asks_fetch(l, fault);
    return err ? err : look(l, fault);
}

/* One that was large is not kept for the next. */
static void forget_opened(struct relay_link *l)
{
    enum { KEPT = 64 << 10 };

    if (l->opened.cap > KEPT) {
        size_t max = l->opened.max;
        buf_fini(&l->opened);
        buf_init_secret(&l->opened, max);
    } else if (l->opened.cap) {
        explicit_bzero(l->opened.data, l->opened.cap);
    }
    buf_reset(&l->opened);
}

static void turn(struct relay_link *l)
{
    struct fault fault = {0};
    int err = 0;

    l->config.calls.turn(l->config.calls.ctx);
    if (l->is_away && relay_now(l) >= l->again_us)
        err = come_back(l, &fault);
    if (!err && !l->is_away)
        err = work(l, &fault);
    if (err)
        went_away(l, &fault);
    if (relay_asks_expire(l, false, &fault) != 0)
        went_away(l, &fault);
    l->config.calls.turned(l->config.calls.ctx);
    forget_opened(l);
}

/* --- waiting --- */

static bool has_work(struct relay_link *l)
{
    if (l->is_away || !l->node)
        return false;
    return relay_asks_has_more(l) || relay_takes_has_more(l) || (l->put_n && l->wants_fetch) ||
           (l->is_listening && l->wants_take && relay_now(l) >= l->rest_us &&
            l->config.calls.room(l->config.calls.ctx) > 0);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t until(struct relay_link *l)
{
    int64_t at = earlier(l->next_deadline_us, relay_now(l) + (l->node ? LOOK_US : NODE_US));

    if (!l->node && !l->is_away)
        return at;
    if (l->is_away)
        return earlier(at, l->again_us);
    if (l->is_listening && l->wants_take && relay_now(l) < l->rest_us)
        at = earlier(at, l->rest_us);
    return earlier(at, l->look_us);
}

static void wait_for_more(struct relay_link *l)
{
    struct fault fault = {0};
    bool is_told = false;
    eventfd_t n;

    if (has_work(l))
        return;
    if (db_wait(l->db, l->woken, until(l), &is_told, &fault) != 0)
        went_away(l, &fault);
    eventfd_read(l->woken, &n);
    if (is_told)
        l->wants_take = l->wants_fetch = true;
}

static void end(struct relay_link *l)
{
    struct fault fault = {0};
    int err = 0;

    l->config.calls.turn(l->config.calls.ctx);
    while (!err && !l->is_away && l->node && relay_takes_has_more(l))
        err = send_batch(l, &fault);
    if (err)
        went_away(l, &fault);
    err = relay_asks_expire(l, true, &fault);
    if (!err && !l->is_away && l->node)
        err = relay_asks_drop(l, &fault);
    if (!err && !l->is_away && l->node)
        err = relay_sql_leave(l->db, l->node, &fault);
    if (err)
        log_warning("cluster", "what this node asked others is left to them: %s", fault.text);
    l->config.calls.turned(l->config.calls.ctx);
}

static void *run(void *link)
{
    struct relay_link *l = link;

    while (!atomic_load(&l->is_ending)) {
        turn(l);
        wait_for_more(l);
    }
    end(l);
    return NULL;
}

/* --- from other threads --- */

static void release(struct relay_link *l)
{
    relay_takes_free(l);
    db_close(l->db);
    if (l->woken >= 0)
        close(l->woken);
    relay_seal_fini(&l->seal);
    buf_fini(&l->opened);
    buf_fini(&l->dropped);
    free(l);
}

int relay_link_new(const struct relay_link_config *config, struct relay_link **ret, struct fault *fault)
{
    /* Nobody is told of the end of his time before an answer came, or did not. */
    const struct db_server server = {
        .url = config->url, .clock = config->clock, .patience_us = config->lease_us / 6, .is_shared = true};
    struct relay_link *l = calloc(1, sizeof(*l));

    if (!l)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    l->config = *config;
    l->config.url = l->config.key_path = NULL; /* they are the driver's and the seal's now */
    l->next_deadline_us = INT64_MAX;
    buf_init_secret(&l->opened, LIMIT_JSON_TEXT + LIMIT_STORE_VALUE);
    buf_init(&l->dropped, LIMIT_STORE_QUEUE);
    l->woken = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int err = l->woken < 0 ? fault_set(fault, TGC_ESYSTEM, "cannot make an eventfd: %s", strerror(errno)) : 0;
    if (!err)
        err = relay_seal_init(&l->seal, config->key_path, config->key_is_given, config->random, fault);
    if (!err)
        err = db_open_server(&server, &l->db, fault);
    if (err) {
        release(l);
        return err;
    }
    *ret = l;
    return 0;
}

int relay_link_start(struct relay_link *l, struct fault *fault)
{
    int err = thread_start(&l->thread, STACK_SIZE, run, l, "the relay's thread", fault);

    l->has_started = !err;
    return err;
}

void relay_link_free(struct relay_link *l)
{
    if (!l)
        return;
    atomic_store(&l->is_ending, true);
    relay_link_wake(l);
    if (l->has_started)
        pthread_join(l->thread, NULL);
    release(l);
}
