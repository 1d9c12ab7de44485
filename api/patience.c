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

    int64_t us = c->head_timeout_us < c->idle_timeout_us ? c->head_timeout_us : c->idle_timeout_us;

    return us < c->body_timeout_us ? us : c->body_timeout_us;
}

static void give(struct conn *conn, int64_t us)
{
    conn->deadline_us = now_us(conn->door->front) + us;
}

/* A late head or body can still be answered: there the end of what comes is enough, and the gate makes a refusal of it.
 * What had come before that end may yet be a whole request, with deadlines of its own; who meets one of these again is
 * cut off.
 */
static void end(struct conn *conn, int64_t now)
{
    bool can_be_told = !conn->is_shut && !conn->is_answered && (!conn->is_busy || intake_lacks_body(&conn->intake));

    conn->deadline_us = now + GRACE_US;
    conn->is_late = true;
    shutdown(conn->fd, can_be_told ? SHUT_RD : SHUT_RDWR);
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

static bool can_go(const struct conn *conn)
{
    bool is_new = conn == conn->door->newest && conn->begun == 0;

    return !is_new && !(conn->is_trusted && conn->is_busy) && conn->deadline_us != NEVER;
}

/* The one whose time is over next, of those that showed no token; else of those that showed one and are idle. A
 * worker's answer is waited for, whoever asked. */
bool patience_make_room(struct front *f, const struct door *of)
{
    struct conn *next[2] = {NULL, NULL};

    for (struct conn *conn = f->conns; conn; conn = conn->next) {
        struct conn **first = &next[conn->is_trusted];
        if (of && conn->door != of)
            continue;
        if (conn->is_late)
            return true;
        if (can_go(conn) && (!*first || conn->deadline_us < (*first)->deadline_us))
            *first = conn;
    }
    struct conn *gone = next[0] ? next[0] : next[1];
    if (!gone)
        return false;
    end(gone, now_us(f));
    if (gone->deadline_us < f->sweep_us)
        f->sweep_us = gone->deadline_us;
    return true;
}

void patience_accepted(struct conn *conn)
{
    struct front *f = conn->door->front;

    give(conn, config_of(conn)->head_timeout_us);
    if (f->sweep_us == NEVER)
        f->sweep_us = now_us(f) + shorter_us(f);
}

/* Of a request whose client has shown a token: each part of its body has the time of an idle connection. */
static void give_for_body(struct conn *conn)
{
    if (!intake_lacks_body(&conn->intake)) {
        conn->deadline_us = NEVER;
        return;
    }
    give(conn, config_of(conn)->idle_timeout_us);
    if (conn->deadline_us > conn->body_end_us)
        conn->deadline_us = conn->body_end_us;
}

void patience_heard(struct conn *conn)
{
    if (conn->is_busy && conn->is_trusted && !conn->is_answered && conn->deadline_us != NEVER)
        give_for_body(conn);
    if (conn->is_busy || conn->has_begun || conn->intake.held.len == 0)
        return;
    conn->has_begun = true;
    give(conn, config_of(conn)->head_timeout_us);
}

void patience_begun(struct conn *conn)
{
    conn->body_end_us = now_us(conn->door->front) + config_of(conn)->body_timeout_us;
    if (conn->is_trusted)
        give_for_body(conn);
    else
        give(conn, config_of(conn)->head_timeout_us);
    conn->is_busy = true;
    conn->is_late = false;
}

void patience_trusts(struct conn *conn)
{
    conn->is_trusted = true;
    give_for_body(conn);
}

void patience_waits(struct conn *conn)
{
    conn->deadline_us = NEVER;
}

void patience_answers(struct conn *conn)
{
    conn->is_answered = true;
    if (conn->is_late)
        return;
    if (!conn->is_trusted)
        give(conn, config_of(conn)->idle_timeout_us);
    else
        conn->deadline_us = NEVER;
}

void patience_over(struct conn *conn)
{
    const struct api_config *c = config_of(conn);

    conn->has_begun = conn->intake.held.len > 0;
    conn->is_busy = conn->is_answered = false;
    give(conn, conn->is_trusted && !conn->has_begun ? c->idle_timeout_us : c->head_timeout_us);
}
