#include "api/conn.h"

#include <stdlib.h>

#include "api/addresses.h"
#include "api/api_internal.h"
#include "api/clients.h"
#include "api/gate.h"
#include "api/patience.h"

/* Who keeps a connection, or makes one, asks within this time or is idle: what is closed later is closed between two
 * requests, which every client has to bear (RFC 9112, 9.3.1). */
#define IDLE_US (SECOND_US / 4)

static void open_conn(struct door *d, struct MHD_Connection *connection, struct conn **ret)
{
    struct front *f = d->front;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct conn *conn = info ? calloc(1, sizeof(*conn)) : NULL;

    if (!conn)
        return;
    conn->door = d;
    conn->fd = info->connect_fd;
    conn->from = d->coming;
    d->coming = NULL;
    gate_open(conn);
    conn->next = f->conns;
    if (conn->next)
        conn->next->prev = conn;
    f->conns = conn;
    d->newest = conn;
    conn_touch(conn);
    patience_accepted(conn);
    *ret = conn;
}

static void close_conn(struct conn *conn)
{
    if (conn->next)
        conn->next->prev = conn->prev;
    if (conn->prev)
        conn->prev->next = conn->next;
    else
        conn->door->front->conns = conn->next;
    if (conn->door->newest == conn)
        conn->door->newest = NULL;
    gate_close(conn);
    addresses_give(conn->from);
    token_memo_fini(&conn->token);
    client_memo_free(conn->client);
    free(conn);
}

void conn_notify(void *ctx, struct MHD_Connection *connection, void **conn, enum MHD_ConnectionNotificationCode what)
{
    struct door *d = ctx;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        d->has_opened = true;
        d->conns_n++;
        meter_add(d->front->meter, METER_HTTP_CONNECTIONS, 1);
        open_conn(d, connection, (struct conn **)conn);
        return;
    }
    d->has_closed = true;
    d->conns_n--;
    meter_add(d->front->meter, METER_HTTP_CONNECTIONS, -1);
    if (*conn)
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
    conn->active_us = clock_mono_us(conn->door->front->api->config.clock);
}

bool conns_are_idle(const struct front *f, int64_t at_us)
{
    bool idle = true;

    for (const struct conn *conn = f->conns; conn && idle; conn = conn->next)
        idle = at_us - conn->active_us > IDLE_US;
    return idle;
}
