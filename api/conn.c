#include "api/conn.h"

#include <stdlib.h>

#include "api/api_internal.h"
#include "api/gate.h"
#include "api/patience.h"

/* Who keeps a connection asks again within this time or is idle: what is closed later is closed between two requests,
 * which every client has to bear (RFC 9112, 9.3.1). */
#define IDLE_US (SECOND_US / 4)

static void open_conn(struct listener *l, struct MHD_Connection *connection, struct conn **ret)
{
    struct api *api = l->api;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct conn *conn = info ? calloc(1, sizeof(*conn)) : NULL;

    if (!conn)
        return;
    conn->api = api;
    conn->listener = l;
    conn->fd = info->connect_fd;
    intake_init(&conn->intake, 2 * (uint64_t)api->config.body_max);
    buf_init(&conn->passed, GATE_PASSED_MAX);
    gate_open(conn);
    pthread_mutex_lock(&api->conns_lock);
    conn->next = api->conns;
    if (conn->next)
        conn->next->prev = conn;
    api->conns = conn;
    l->conns_n++;
    patience_accepted(conn);
    pthread_mutex_unlock(&api->conns_lock);
    *ret = conn;
}

static void close_conn(struct conn *conn)
{
    struct api *api = conn->api;

    pthread_mutex_lock(&api->conns_lock);
    if (conn->next)
        conn->next->prev = conn->prev;
    if (conn->prev)
        conn->prev->next = conn->next;
    else
        api->conns = conn->next;
    conn->listener->conns_n--;
    pthread_mutex_unlock(&api->conns_lock);
    gate_close(conn);
    intake_fini(&conn->intake);
    /* It may have been a password. */
    buf_fini_secret(&conn->passed);
    free(conn);
}

void conn_notify(void *ctx, struct MHD_Connection *connection, void **conn, enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        open_conn(ctx, connection, (struct conn **)conn);
    else if (*conn)
        close_conn(*conn);
}

struct conn *conn_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info ? info->socket_context : NULL;
}

const struct refusal *conn_refusal(const struct conn *conn, unsigned number)
{
    return conn->intake.state == INTAKE_REFUSED && conn->intake.requests == number ? &conn->intake.refusal : NULL;
}

void conn_touch(struct conn *conn)
{
    atomic_store_explicit(&conn->active_us, clock_mono_us(conn->api->config.clock), memory_order_relaxed);
}

bool conns_are_idle(struct api *api)
{
    int64_t now = clock_mono_us(api->config.clock);
    bool idle = true;

    pthread_mutex_lock(&api->conns_lock);
    for (const struct conn *conn = api->conns; conn && idle; conn = conn->next) {
        int64_t active_us = atomic_load_explicit(&conn->active_us, memory_order_relaxed);
        idle = active_us == 0 || now - active_us > IDLE_US;
    }
    pthread_mutex_unlock(&api->conns_lock);
    return idle;
}
