#include "daemon/sandbox/port/port.h"

#include "daemon/sandbox/port/address.h"

enum { BACKLOG = 1024 };

static void on_connection(uv_stream_t *stream, int status)
{
    const struct port *p = stream->data;

    if (status == 0)
        socket_accept(p->sockets, stream, p->dc);
}

int port_open(struct port *p, struct sockets *sockets, int dc, const char *text, struct fault *fault)
{
    struct world *w = &sockets->s->world;
    struct sockaddr_storage a;
    int len = sizeof(a);
    int err = address_parse(text, &a, fault);

    if (err)
        return err;
    p->sockets = sockets;
    p->dc = dc;
    uv_tcp_init(sockets->loop, &p->tcp);
    p->is_open = true;
    p->tcp.data = p;
    int bad = uv_tcp_bind(&p->tcp, (struct sockaddr *)&a, 0);
    if (!bad)
        bad = uv_listen((uv_stream_t *)&p->tcp, BACKLOG, on_connection);
    if (!bad)
        bad = uv_tcp_getsockname(&p->tcp, (struct sockaddr *)&a, &len);
    if (bad)
        return fault_set(fault, TGC_ESYSTEM, "cannot listen on %s: %s", text, uv_strerror(bad));
    address_format(&a, p->address, sizeof(p->address), w->dc[dc].host, sizeof(w->dc[dc].host), &w->dc[dc].port);
    return 0;
}

void port_close(struct port *p)
{
    if (p->is_open)
        uv_close((uv_handle_t *)&p->tcp, NULL);
    p->is_open = false;
}
