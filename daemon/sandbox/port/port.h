/* Where clients dial in: one data centre's port. */
#ifndef TGCALLD_SANDBOX_PORT_PORT_H
#define TGCALLD_SANDBOX_PORT_PORT_H

#include "daemon/sandbox/port/socket.h"

/* A closed one goes when the loop is done with it. */
struct port {
    uv_tcp_t tcp;
    struct sockets *sockets;
    int dc;
    char address[80];
};

/* TEXT is an address of loopback; the world's table of data centres gets what was bound. TGC_EINVAL, TGC_ESYSTEM,
 * TGC_ENOMEM. */
int port_open(struct sockets *sockets, int dc, const char *text, struct port **ret, struct fault *fault) TGC_MUST;
/* Takes no more clients, and goes; those that came stay. NULL is fine. */
void port_close(struct port *p);

#endif
