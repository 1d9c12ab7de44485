/* Bytes → the socket, at once or piece by piece. */
#include <stdlib.h>

#include "daemon/base/limits.h"
#include "daemon/sandbox/port/socket.h"

struct socket_piece {
    uv_write_t req;
    struct socket *socket;
    struct socket_piece *next;
    uint8_t *data;
    size_t len, at; /* at: what has left, where it goes piece by piece */
};

static void write_free(struct socket_piece *w)
{
    w->socket->queued -= w->len;
    free(w->data);
    free(w);
}

void socket_write_fini(struct socket *c)
{
    while (c->pieces) {
        struct socket_piece *w = c->pieces;
        c->pieces = w->next;
        write_free(w);
    }
}

static void on_written(uv_write_t *req, int status)
{
    struct socket_piece *w = (struct socket_piece *)req;
    struct socket *c = w->socket;

    write_free(w);
    if (status < 0)
        socket_close(c);
}

static void on_shutdown(uv_shutdown_t *req, int status)
{
    struct socket *c = req->data;

    free(req);
    socket_close(c);
}

static void shut_down(struct socket *c)
{
    uv_shutdown_t *req = calloc(1, sizeof(*req));

    if (!req) {
        socket_close(c);
        return;
    }
    req->data = c;
    if (uv_shutdown(req, (uv_stream_t *)&c->tcp, on_shutdown)) {
        free(req);
        socket_close(c);
    }
}

/* --- piece by piece: the option write_size. One write is under way; what follows waits behind it. --- */

static void on_piece(uv_write_t *req, int status);

static size_t piece_size(const struct socket *c, const struct socket_piece *w)
{
    size_t left = w->len - w->at, size = c->all->s->options.write_size;

    return size && size < left ? size : left;
}

static void write_piece(struct socket *c)
{
    struct socket_piece *w = c->pieces;
    uv_buf_t b = uv_buf_init((char *)w->data + w->at, (unsigned)piece_size(c, w));

    w->at += b.len;
    if (uv_write(&w->req, (uv_stream_t *)&c->tcp, &b, 1, on_piece))
        socket_close(c);
}

static void on_piece(uv_write_t *req, int status)
{
    struct socket_piece *w = (struct socket_piece *)req;
    struct socket *c = w->socket;

    if (status < 0 || c->closing) {
        socket_close(c);
        return;
    }
    if (w->at == w->len) {
        c->pieces = w->next;
        write_free(w);
    }
    if (c->pieces)
        write_piece(c);
    else if (c->ends)
        shut_down(c);
}

static void put_piece(struct socket *c, struct socket_piece *w)
{
    struct socket_piece **last = &c->pieces;
    bool idle = c->pieces == NULL;

    while (*last)
        last = &(*last)->next;
    *last = w;
    if (idle)
        write_piece(c);
}

/* --- */

void socket_write(struct socket *c, uint8_t *data, size_t len)
{
    struct socket_piece *w = calloc(1, sizeof(*w));

    if (!w || c->queued + len > LIMIT_SEND_QUEUE) {
        free(data);
        free(w);
        socket_close(c);
        return;
    }
    *w = (struct socket_piece){.socket = c, .data = data, .len = len};
    c->queued += len;
    if (c->pieces || c->all->s->options.write_size) {
        put_piece(c, w);
        return;
    }
    uv_buf_t b = uv_buf_init((char *)w->data, (unsigned)w->len);
    if (uv_write(&w->req, (uv_stream_t *)&c->tcp, &b, 1, on_written)) {
        write_free(w);
        socket_close(c);
    }
}

void socket_end(struct socket *c)
{
    if (c->closing || c->ends)
        return;
    /* What the client still sends is not read: the error is the last word. */
    uv_read_stop((uv_stream_t *)&c->tcp);
    c->ends = true;
    if (!c->pieces)
        shut_down(c);
}
