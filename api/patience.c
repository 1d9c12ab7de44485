#include "api/patience.h"

#include <sys/socket.h>

#include "api/api_internal.h"

#define NEVER INT64_MAX
/* How long a connection that was given up may take to be closed. */
#define GRACE_US SECOND_US

static const struct api_config *config_of(const struct conn *conn)
{
    return &conn->door->front->api->config;
}

static int64_t now_us(const struct front *f)
{
    return clock_mono_us(f->api->config.clock);
}

static int64_t shorter_us(const struct front *f)
{
    const struct api_config *c = &f->api->config;

    return c->head_timeout_us < c->idle_timeout_us ? c->head_timeout_us : c->idle_timeout_us;
}

static void give(struct conn *conn, int64_t us)
{
    conn->deadline_us = now_us(conn->door->front) + us;
}

/* A late head can still be answered: there the end of what comes is enough, and the gate makes a refusal of it. What
 * had come before that end may yet be a whole request, with deadlines of its own; who meets one of these again is cut
 * off.
 */
static void end(struct conn *conn, int64_t now)
{
    conn->deadline_us = now + GRACE_US;
    conn->is_late = true;
    shutdown(conn->fd, conn->is_busy || conn->is_shut ? SHUT_RDWR : SHUT_RD);
    conn->is_shut = true;
}

/* No deadline is set elsewhere that is nearer than the shortest one from now. */
int64_t patience_sweep(struct front *f, int64_t now)
{
    int64_t next = f->conns ? now + shorter_us(f) : NEVER;

    for (struct conn *conn = f->conns; conn; conn = conn->next) {
        if (conn->deadline_us <= now)
            end(conn, now);
        if (conn->deadline_us < next)
            next = conn->deadline_us;
    }
    return next;
}

/* The one whose time is over next, of those that showed no token; else of those that showed one and are idle. A
 * worker's answer is waited for, whoever asked. */
static void make_room(const struct conn *newcomer)
{
    struct conn *next[2] = {NULL, NULL};

    for (struct conn *conn = newcomer->door->front->conns; conn; conn = conn->next) {
        struct conn **first = &next[conn->is_trusted];
        if (conn == newcomer || conn->door != newcomer->door || conn->is_late || (conn->is_trusted && conn->is_busy) ||
            conn->deadline_us == NEVER || (*first && conn->deadline_us >= (*first)->deadline_us))
            continue;
        *first = conn;
    }
    struct conn *gone = next[0] ? next[0] : next[1];
    if (!gone)
        return;
    end(gone, now_us(gone->door->front));
    if (gone->deadline_us < gone->door->front->sweep_us)
        gone->door->front->sweep_us = gone->deadline_us;
}

void patience_accepted(struct conn *conn)
{
    struct front *f = conn->door->front;

    give(conn, config_of(conn)->head_timeout_us);
    if (f->sweep_us == NEVER)
        f->sweep_us = now_us(f) + shorter_us(f);
    if (conn->door->conns_n >= f->connections_max)
        make_room(conn);
}

void patience_heard(struct conn *conn)
{
    if (conn->is_busy || conn->has_begun || conn->intake.held.len == 0)
        return;
    conn->has_begun = true;
    give(conn, config_of(conn)->head_timeout_us);
}

void patience_begun(struct conn *conn)
{
    if (conn->is_trusted)
        conn->deadline_us = NEVER;
    else
        give(conn, config_of(conn)->head_timeout_us);
    conn->is_busy = true;
    conn->is_late = false;
}

void patience_trusts(struct conn *conn)
{
    conn->deadline_us = NEVER;
    conn->is_trusted = true;
}

void patience_waits(struct conn *conn)
{
    conn->deadline_us = NEVER;
}

void patience_answers(struct conn *conn)
{
    if (!conn->is_trusted)
        give(conn, config_of(conn)->idle_timeout_us);
}

void patience_over(struct conn *conn)
{
    const struct api_config *c = config_of(conn);

    conn->has_begun = conn->intake.held.len > 0;
    conn->is_busy = false;
    give(conn, conn->is_trusted && !conn->has_begun ? c->idle_timeout_us : c->head_timeout_us);
}
