#include "api/patience.h"

#include <sys/socket.h>
#include <time.h>

#include "api/api_internal.h"

#define NEVER INT64_MAX
/* How long a connection that was given up may take to be closed. */
#define GRACE_US SECOND_US

static int64_t now_us(const struct api *api)
{
    return clock_mono_us(api->config.clock);
}

static int64_t shorter_us(const struct api *api)
{
    const struct api_config *c = &api->config;

    return c->head_timeout_us < c->idle_timeout_us ? c->head_timeout_us : c->idle_timeout_us;
}

static bool is_trusted(const struct conn *conn)
{
    return atomic_load_explicit(&conn->is_trusted, memory_order_relaxed);
}

static void set_deadline(struct conn *conn, int64_t deadline_us)
{
    atomic_store(&conn->deadline_us, deadline_us);
}

static void give(struct conn *conn, int64_t us)
{
    set_deadline(conn, now_us(conn->api) + us);
}

/* Under the lock, which keeps the descriptor the connection's. A late head can still be answered: there the end of what
 * comes is enough, and the gate makes a refusal of it. What had come before that end may yet be a whole request, with
 * deadlines of its own; who meets one of these again is cut off. Nothing is done where the deadline is no longer the
 * one that was SEEN: something has begun meanwhile. */
static void end(struct conn *conn, int64_t seen, int64_t now)
{
    int_least64_t was = seen;
    bool is_busy = atomic_load(&conn->is_busy);

    if (!atomic_compare_exchange_strong(&conn->deadline_us, &was, now + GRACE_US))
        return;
    atomic_store(&conn->is_late, true);
    shutdown(conn->fd, is_busy || conn->is_shut ? SHUT_RDWR : SHUT_RD);
    conn->is_shut = true;
}

/* When to look again. No deadline is set elsewhere that is nearer than the shortest one from now. */
static int64_t sweep(struct api *api, int64_t now)
{
    int64_t next = api->conns ? now + shorter_us(api) : NEVER;

    for (struct conn *conn = api->conns; conn; conn = conn->next) {
        int64_t deadline = atomic_load(&conn->deadline_us);
        if (deadline <= now) {
            end(conn, deadline, now);
            deadline = now + GRACE_US;
        }
        if (deadline < next)
            next = deadline;
    }
    return next;
}

static void wait_until(struct api *api, int64_t then, int64_t now)
{
    struct timespec at;

    if (then == NEVER) {
        pthread_cond_wait(&api->conns_come, &api->conns_lock);
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &at);
    int64_t ns = at.tv_nsec + (then - now) % SECOND_US * 1000;
    at.tv_sec += (then - now) / SECOND_US + ns / 1000000000;
    at.tv_nsec = ns % 1000000000;
    pthread_cond_timedwait(&api->conns_come, &api->conns_lock, &at);
}

static void *run(void *ctx)
{
    struct api *api = ctx;

    pthread_mutex_lock(&api->conns_lock);
    while (!api->patience_ends) {
        int64_t now = now_us(api);
        wait_until(api, sweep(api, now), now);
    }
    pthread_mutex_unlock(&api->conns_lock);
    return NULL;
}

int patience_start(struct api *api, struct fault *fault)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&api->conns_come, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&api->patience, NULL, run, api) == 0)
        return 0;
    pthread_cond_destroy(&api->conns_come);
    return fault_set(fault, TGC_ESYSTEM, "no thread is to be had");
}

void patience_stop(struct api *api)
{
    pthread_mutex_lock(&api->conns_lock);
    api->patience_ends = true;
    pthread_cond_signal(&api->conns_come);
    pthread_mutex_unlock(&api->conns_lock);
    pthread_join(api->patience, NULL);
    pthread_cond_destroy(&api->conns_come);
}

/* The one whose time is over next, of those that showed no token; else of those that showed one and are idle. A
 * worker's answer is waited for, whoever asked. */
static void make_room(struct conn *newcomer)
{
    struct conn *next[2] = {NULL, NULL};
    int64_t first[2] = {NEVER, NEVER};

    for (struct conn *conn = newcomer->api->conns; conn; conn = conn->next) {
        int64_t deadline = atomic_load(&conn->deadline_us);
        bool trusted = is_trusted(conn);
        if (conn == newcomer || conn->listener != newcomer->listener || atomic_load(&conn->is_late) ||
            (trusted && atomic_load(&conn->is_busy)) || deadline >= first[trusted])
            continue;
        next[trusted] = conn;
        first[trusted] = deadline;
    }
    bool trusted = !next[0];
    if (!next[trusted])
        return;
    end(next[trusted], first[trusted], now_us(newcomer->api));
    pthread_cond_signal(&newcomer->api->conns_come);
}

void patience_accepted(struct conn *conn)
{
    struct api *api = conn->api;

    give(conn, api->config.head_timeout_us);
    if (!conn->next)
        pthread_cond_signal(&api->conns_come);
    /* One for each thread that may just be accepting. */
    if (conn->listener->conns_n + api->config.threads > api->config.connections_max)
        make_room(conn);
}

void patience_heard(struct conn *conn)
{
    bool is_busy = atomic_load_explicit(&conn->is_busy, memory_order_relaxed);

    if (is_busy || conn->has_begun || conn->intake.held.len == 0)
        return;
    conn->has_begun = true;
    give(conn, conn->api->config.head_timeout_us);
}

/* The deadline first: who finds the connection busy with the former one would cut it off. */
void patience_begun(struct conn *conn)
{
    if (is_trusted(conn))
        set_deadline(conn, NEVER);
    else
        give(conn, conn->api->config.head_timeout_us);
    atomic_store(&conn->is_busy, true);
    atomic_store(&conn->is_late, false);
}

void patience_trusts(struct conn *conn)
{
    set_deadline(conn, NEVER);
    atomic_store_explicit(&conn->is_trusted, true, memory_order_relaxed);
}

void patience_waits(struct conn *conn)
{
    set_deadline(conn, NEVER);
}

void patience_answers(struct conn *conn)
{
    if (!is_trusted(conn))
        give(conn, conn->api->config.idle_timeout_us);
}

void patience_over(struct conn *conn)
{
    const struct api_config *c = &conn->api->config;

    conn->has_begun = conn->intake.held.len > 0;
    atomic_store(&conn->is_busy, false);
    give(conn, is_trusted(conn) && !conn->has_begun ? c->idle_timeout_us : c->head_timeout_us);
}
