/* Packets → bytes → the socket, at once or piece by piece. */
#include <stdlib.h>

#include "daemon/base/limits.h"
#include "daemon/sandbox/conn.h"

struct write {
    uv_write_t req;
    struct conn *conn;
    struct write *next;
    uint8_t *data;
    size_t len, at; /* at: what has left, where it goes piece by piece */
};

void conn_write_init(struct conn *c)
{
    buf_init(&c->out, LIMIT_SEND_QUEUE);
}

static void write_free(struct write *w)
{
    w->conn->queued -= w->len;
    free(w->data);
    free(w);
}

void conn_write_fini(struct conn *c)
{
    while (c->pieces) {
        struct write *w = c->pieces;
        c->pieces = w->next;
        write_free(w);
    }
    buf_fini(&c->out);
}

static void on_written(uv_write_t *req, int status)
{
    struct write *w = (struct write *)req;
    struct conn *c = w->conn;

    write_free(w);
    if (status < 0)
        conn_close(c);
}

static void on_shutdown(uv_shutdown_t *req, int status)
{
    struct conn *c = req->data;

    free(req);
    conn_close(c);
}

static void shut_down(struct conn *c)
{
    uv_shutdown_t *req = calloc(1, sizeof(*req));

    if (!req) {
        conn_close(c);
        return;
    }
    req->data = c;
    if (uv_shutdown(req, (uv_stream_t *)&c->tcp, on_shutdown)) {
        free(req);
        conn_close(c);
    }
}

/* --- piece by piece: the option write_size. One write is under way; what follows waits behind it. --- */

static void on_piece(uv_write_t *req, int status);

static size_t piece_size(const struct conn *c, const struct write *w)
{
    size_t left = w->len - w->at, size = c->s->options.write_size;

    return size && size < left ? size : left;
}

static void write_piece(struct conn *c)
{
    struct write *w = c->pieces;
    uv_buf_t b = uv_buf_init((char *)w->data + w->at, (unsigned)piece_size(c, w));

    w->at += b.len;
    if (uv_write(&w->req, (uv_stream_t *)&c->tcp, &b, 1, on_piece))
        conn_close(c);
}

static void on_piece(uv_write_t *req, int status)
{
    struct write *w = (struct write *)req;
    struct conn *c = w->conn;

    if (status < 0 || c->closing) {
        conn_close(c);
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

static void put_piece(struct conn *c, struct write *w)
{
    struct write **last = &c->pieces;
    bool idle = c->pieces == NULL;

    while (*last)
        last = &(*last)->next;
    *last = w;
    if (idle)
        write_piece(c);
}

/* --- */

void conn_flush(struct conn *c)
{
    if (c->closing || c->ends || (!c->out.len && !c->out.err))
        return;
    struct write *w = calloc(1, sizeof(*w));
    if (!w || c->out.err || c->queued + c->out.len > LIMIT_SEND_QUEUE) {
        free(w);
        conn_close(c);
        return;
    }
    w->conn = c;
    w->data = buf_take(&c->out, &w->len);
    c->queued += w->len;
    if (c->pieces || c->s->options.write_size) {
        put_piece(c, w);
        return;
    }
    uv_buf_t b = uv_buf_init((char *)w->data, (unsigned)w->len);
    if (uv_write(&w->req, (uv_stream_t *)&c->tcp, &b, 1, on_written)) {
        write_free(w);
        conn_close(c);
    }
}

void conn_put(struct conn *c, const void *packet, size_t len)
{
    if (!c->closing && !c->ends && wire_pack(c->wire, packet, len, &c->out))
        conn_close(c);
}

void conn_refuse(struct conn *c, int32_t code)
{
    if (c->closing || c->ends)
        return;
    sandbox_trace(c->s, json_pack("{s:s, s:i, s:i}", "event", "transport_error", "dc", c->dc, "code", (int)code));
    if (wire_pack_error(c->wire, code, &c->out)) {
        conn_close(c);
        return;
    }
    conn_flush(c);
    if (c->closing)
        return;
    /* What the client still sends is not read: the error is the last word. */
    uv_read_stop((uv_stream_t *)&c->tcp);
    c->ends = true;
    if (!c->pieces)
        shut_down(c);
}
