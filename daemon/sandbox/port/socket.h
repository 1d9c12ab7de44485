/* A client's TCP connection: moves bytes between the socket and its line (centre/line.h), and keeps the line's time. */
#ifndef TGCALLD_SANDBOX_PORT_SOCKET_H
#define TGCALLD_SANDBOX_PORT_SOCKET_H

#include <uv.h>

#include "daemon/sandbox/centre/line.h"

enum { SOCKETS_MAX = 20000, SOCKETS_READ_BUFFER = 64 << 10 };

/* All connections of the data centres, on one loop. */
struct sockets {
    uv_loop_t *loop;
    struct centres *s;
    uv_timer_t timer;  /* late answers */
    char *read_buffer; /* SOCKETS_READ_BUFFER: reads are taken in at once */
    struct socket *first;
    size_t n;
};

struct socket_piece;

struct socket {
    uv_tcp_t tcp;
    uv_timer_t timer; /* the line's deadline */
    unsigned open_handles;
    struct sockets *all;
    struct line *line;
    size_t queued;               /* bytes in the socket's queue */
    struct socket_piece *pieces; /* waiting to leave piece by piece; the first is under way */
    bool ends;                   /* what waits is the last word */
    bool closing;
    struct socket *prev, *next;
};

/* --- socket.c --- */
int sockets_init(struct sockets *all, uv_loop_t *loop, struct centres *s) TGC_MUST;
/* Closes them all; the loop then runs until it is empty. */
void sockets_close(struct sockets *all);
/* After the loop's end. */
void sockets_fini(struct sockets *all);
/* The next client of SERVER becomes one of data centre DC. */
void socket_accept(struct sockets *all, uv_stream_t *server, int dc);
/* Writes what lines have, and hangs up where they ended: after whatever was done with the data centres. */
void sockets_settle(struct sockets *all);
void socket_close(struct socket *c);

/* --- socket_write.c --- */
/* Takes DATA. */
void socket_write(struct socket *c, uint8_t *data, size_t len);
/* Hangs up once all is written. */
void socket_end(struct socket *c);
/* What was not written goes with it. */
void socket_write_fini(struct socket *c);

#endif
