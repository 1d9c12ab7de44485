#include "api/patience.h"

#include <sys/socket.h>
#include <time.h>

#include "api/api_internal.h"

#define NEVER INT64_MAX

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
    atomic_store_explicit(&conn->deadline_us, deadline_us, memory_order_relaxed);
}

static void give(struct conn *conn, int64_t us)
{
    set_deadline(conn, now_us(conn->api) + us);
}

/* Under the lock, which keeps the descriptor the connection's. A late head can still be answered: there the end of what
 * comes is enough, and the gate makes a refusal of it. */
static void end(struct conn *conn)
{
    bool is_busy = atomic_load_explicit(&conn->is_busy, memory_order_relaxed);

    conn->is_ended = true;
    atomic_store(&conn->is_late, true);
    shutdown(conn->fd, is_busy ? SHUT_RDWR : SHUT_RD);
}

/* When to look again. No deadline is set that is nearer than the shortest one from now. */
static int64_t sweep(struct api *api, int64_t now)
{
    int64_t next = api->conns ? now + shorter_us(api) : NEVER;

    for (struct conn *conn = api->conns; conn; conn = conn->next) {
        int64_t deadline = atomic_load_explicit(&conn->deadline_us, memory_order_relaxed);
        if (conn->is_ended)
            continue;
        if (deadline <= now)
            end(conn);
        else if (deadline < next)
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

/* Who has waited longest is the next whose time is over. A worker's answer is waited for, whoever asked. */
static void make_room(struct conn *newcomer)
{
    struct conn *longest = NULL;
    int64_t first = NEVER;

    for (struct conn *conn = newcomer->api->conns; conn; conn = conn->next) {
        int64_t deadline = atomic_load_explicit(&conn->deadline_us, memory_order_relaxed);
        if (conn == newcomer || conn->listener != newcomer->listener || conn->is_ended || is_trusted(conn) ||
            deadline >= first)
            continue;
        longest = conn;
        first = deadline;
    }
    if (longest)
        end(longest);
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

void patience_begun(struct conn *conn)
{
    atomic_store_explicit(&conn->is_busy, true, memory_order_relaxed);
    if (is_trusted(conn))
        set_deadline(conn, NEVER);
    else
        give(conn, conn->api->config.head_timeout_us);
}

void patience_trusts(struct conn *conn)
{
    atomic_store_explicit(&conn->is_trusted, true, memory_order_relaxed);
    set_deadline(conn, NEVER);
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
    atomic_store_explicit(&conn->is_busy, false, memory_order_relaxed);
    give(conn, is_trusted(conn) && !conn->has_begun ? c->idle_timeout_us : c->head_timeout_us);
}
