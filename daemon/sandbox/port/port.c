#include "daemon/sandbox/port/port.h"

#include <stdlib.h>

#include "daemon/sandbox/port/address.h"

enum { BACKLOG = 1024 };

static void on_connection(uv_stream_t *stream, int status)
{
    const struct port *p = stream->data;

    if (status == 0)
        socket_accept(p->sockets, stream, p->dc);
}

static void free_port(uv_handle_t *handle)
{
    free(handle->data);
}

static int bind_port(struct port *p, struct sockaddr_storage *a)
{
    int len = sizeof(*a);
    int bad = uv_tcp_bind(&p->tcp, (struct sockaddr *)a, 0);

    if (!bad)
        bad = uv_listen((uv_stream_t *)&p->tcp, BACKLOG, on_connection);
    return bad ? bad : uv_tcp_getsockname(&p->tcp, (struct sockaddr *)a, &len);
}

int port_open(struct sockets *sockets, int dc, const char *text, struct port **ret, struct fault *fault)
{
    struct world *w = &sockets->s->world;
    struct sockaddr_storage a;
    int err = address_parse(text, &a, fault);
    struct port *p = err ? NULL : calloc(1, sizeof(*p));

    if (!p)
        return err ? err : fault_set(fault, TGC_ENOMEM, "out of memory");
    p->sockets = sockets;
    p->dc = dc;
    uv_tcp_init(sockets->loop, &p->tcp);
    p->tcp.data = p;
    int bad = bind_port(p, &a);
    if (bad) {
        port_close(p);
        return fault_set(fault, TGC_ESYSTEM, "cannot listen on %s: %s", text, uv_strerror(bad));
    }
    address_format(&a, p->address, sizeof(p->address), w->dc[dc].host, sizeof(w->dc[dc].host), &w->dc[dc].port);
    *ret = p;
    return 0;
}

void port_close(struct port *p)
{
    if (p)
        uv_close((uv_handle_t *)&p->tcp, free_port);
}
