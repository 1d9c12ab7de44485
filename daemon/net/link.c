#include "daemon/net/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/net/dial.h"
#include "daemon/net/gate.h"
#include "daemon/net/loop_internal.h"
#include "daemon/net/outlet.h"
#include "daemon/net/route.h"
#include "daemon/net/stream.h"
#include "daemon/wire/tunnel.h"

/* A link is freed when its owner let go of it and nothing of it is at work any more. */
struct net_link {
    struct net_loop *loop;
    const struct net_link_handlers *handlers;
    void *ctx; /* NULL handlers once the owner closed it */
    struct wire *wire;
    struct net_route *route; /* until there is a stream */
    uv_tcp_t *stream;        /* until it ends */
    struct net_flush flush;  /* sends what was queued in this turn of the loop */
    struct tunnel *tunnel;   /* what all goes through; NULL: nothing */
    struct buf clear;        /* of a read, behind the tunnel */
    struct buf out;
    struct net_outlet outlet; /* what was written before, and is not the socket's yet */
    struct net_gate_ear ear;
    uint64_t received;
    unsigned refs;
    bool ended;
    bool hidden; /* by an MTProxy, which says nothing of its own */
    char why[192];
};

static void release(struct net_link *l)
{
    if (--l->refs > 0)
        return;
    wire_free(l->wire);
    tunnel_free(l->tunnel);
    buf_fini(&l->clear);
    buf_fini(&l->out);
    free(l);
}

/* Stops everything; the owner is told by end() only. */
static void shut(struct net_link *l)
{
    if (l->ended)
        return;
    l->ended = true;
    net_route_close(l->route);
    l->route = NULL;
    net_outlet_close(&l->outlet);
    if (l->stream)
        net_stream_close(l->stream);
    l->stream = NULL;
    net_flush_drop(&l->flush);
    net_gate_forget(&l->ear);
}

static void end(struct net_link *l, const char *why)
{
    if (l->ended)
        return;
    snprintf(l->why, sizeof(l->why), "%s", why);
    shut(l);
    if (l->handlers)
        l->handlers->on_closed(l->ctx, l->why);
}

static void end_uv(struct net_link *l, const char *what, int status)
{
    char why[160];

    snprintf(why, sizeof(why), "%s: %s", what, uv_strerror(status));
    end(l, why);
}

static void end_writing(struct net_link *l, int status)
{
    if (status == UV_ECANCELED)
        end(l, NET_GATE_SHUT);
    else
        end_uv(l, "writing failed", status);
}

static void on_gate_shut(void *ctx)
{
    end(ctx, NET_GATE_SHUT);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct net_link *l = handle->data;

    (void)suggested;
    *buf = uv_buf_init((char *)l->loop->in, sizeof(l->loop->in));
}

static void deliver(struct net_link *l)
{
    struct wire_packet packet;
    struct fault fault = {0};

    while (l->handlers && !l->ended) {
        int err = wire_next(l->wire, &packet, &fault);
        if (err) {
            end(l, fault.text[0] ? fault.text : tgc_err_text(err));
            return;
        }
        switch (packet.kind) {
        case WIRE_NONE:
            return;
        case WIRE_PACKET:
            l->handlers->on_packet(l->ctx, packet.data, packet.len);
            break;
        case WIRE_ERROR:
            l->handlers->on_error_code(l->ctx, packet.value);
            break;
        case WIRE_QUICK_ACK:
            break; /* we never ask for one */
        }
    }
}

static void receive(struct net_link *l, const void *data, size_t len)
{
    l->received += (uint64_t)len;
    int err = wire_feed(l->wire, data, len);
    if (err) {
        end(l, tgc_err_text(err));
        return;
    }
    l->refs++; /* a handler may close the link while deliver() runs */
    deliver(l);
    release(l);
}

/* As the proxy packed them. */
static void receive_packed(struct net_link *l, const void *data, size_t len)
{
    struct fault fault = {0};
    char why[sizeof(l->why)];

    buf_reset(&l->clear);
    int err = tunnel_feed(l->tunnel, data, len, NULL, &l->clear, &fault);
    /* What came before the fault counts: it may say why. */
    if (l->clear.len > 0) {
        l->refs++;
        receive(l, l->clear.data, l->clear.len);
        release(l);
    }
    if (err && !l->ended) {
        snprintf(why, sizeof(why), "the proxy %.160s", fault.text[0] ? fault.text : tgc_err_text(err));
        end(l, why);
    }
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct net_link *l = stream->data;

    if (n == 0 || l->ended)
        return;
    if (n > 0)
        (l->tunnel ? receive_packed : receive)(l, buf->base, (size_t)n);
    else if (l->hidden && !l->received)
        end(l, "the proxy closed the connection: its secret may be another");
    else if (n == UV_EOF)
        end(l, "the server closed the connection");
    else
        end_uv(l, "reading failed", (int)n);
}

/* What is to be written, as the proxy wants it. */
static int pack_out(struct net_link *l)
{
    struct buf packed;

    if (!l->tunnel || l->out.len == 0)
        return 0;
    buf_init(&packed, 2 * LIMIT_SEND_QUEUE);
    int err = tunnel_pack(l->tunnel, l->out.data, l->out.len, &packed);
    if (err) {
        buf_fini(&packed);
        return err;
    }
    packed.max = l->out.max;
    buf_fini(&l->out);
    l->out = packed;
    return 0;
}

static void write_out(struct net_link *l)
{
    if (l->out.len == 0 || net_outlet_waiting(&l->outlet) > 0)
        return;
    int err = pack_out(l);
    if (err) {
        end(l, tgc_err_text(err));
        return;
    }
    int status = net_outlet_write(&l->outlet, &l->out);
    if (status < 0)
        end_writing(l, status);
}

static void on_written(void *ctx, int status)
{
    struct net_link *l = ctx;

    if (status < 0)
        end_writing(l, status);
    else
        write_out(l);
}

static void on_flush(void *ctx)
{
    struct net_link *l = ctx;

    if (l->stream)
        write_out(l);
}

/* The stream is read from and the owner told; then what came before either. */
static void open_way(struct net_link *l, const struct net_way *way)
{
    l->stream = way->stream;
    l->tunnel = way->tunnel;
    l->stream->data = l;
    l->outlet.stream = l->stream;
    uv_tcp_nodelay(l->stream, 1);
    uv_tcp_keepalive(l->stream, 1, 60);
    int status = uv_read_start((uv_stream_t *)l->stream, on_alloc, on_read);
    if (status < 0) {
        end_uv(l, "reading failed", status);
        return;
    }
    l->handlers->on_open(l->ctx);
    if (way->rest_len > 0 && !l->ended)
        receive(l, way->rest, way->rest_len);
}

static void on_routed(void *ctx, const struct net_way *way, const char *why)
{
    struct net_link *l = ctx;
    struct net_route *route = l->route;

    if (!way) {
        end(l, net_gate_is_open(l->loop) ? why : NET_GATE_SHUT);
        return;
    }
    /* The owner may close the link while it opens: what the way has of the route stays until the end. */
    l->route = NULL;
    l->refs++;
    open_way(l, way);
    net_route_close(route);
    release(l);
}

int net_link_new(struct net_loop *loop, const struct net_link_config *config, const struct net_link_handlers *handlers,
                 void *ctx, struct net_link **ret)
{
    struct net_link *l = calloc(1, sizeof(*l));
    struct wire_config wire = {.random = config->random, .packet_max = LIMIT_PACKET, .padding_max = 15};
    struct net_route_config route = {.addresses = config->addresses,
                                     .n = config->addresses_n,
                                     .first = config->first,
                                     .proxy = config->proxy,
                                     .random = config->random,
                                     .timeout_us = config->connect_timeout_us};
    bool hidden = config->proxy && config->proxy->kind == PROXY_MTPROXY;
    int err = 0;

    if (!l)
        return TGC_ENOMEM;
    if (hidden) {
        wire.secret = config->proxy->key;
        wire.dc = config->dc;
        err = config->proxy->padded && config->framing != WIRE_PADDED ? TGC_EINVAL : 0;
    }
    l->loop = loop;
    l->handlers = handlers;
    l->ctx = ctx;
    l->hidden = hidden;
    buf_init(&l->out, LIMIT_SEND_QUEUE);
    buf_init(&l->clear, LIMIT_PACKET);
    if (!err)
        err = wire_client_new(&wire, config->framing, config->obfuscated || hidden, &l->wire);
    if (!err)
        err = net_route_new(loop, &route, on_routed, l, &l->route);
    if (err) {
        wire_free(l->wire);
        free(l);
        return err;
    }
    l->flush = (struct net_flush){.flush = on_flush, .ctx = l};
    l->outlet = (struct net_outlet){.written = on_written, .ctx = l};
    l->ear = (struct net_gate_ear){.shut = on_gate_shut, .ctx = l};
    net_gate_listen(loop, &l->ear);
    l->refs = 1; /* the owner */
    *ret = l;
    return 0;
}

int net_link_send(struct net_link *l, const void *packet, size_t len)
{
    if (!l->stream)
        return TGC_ECLOSED;
    if (net_outlet_waiting(&l->outlet) + l->out.len + len > LIMIT_SEND_QUEUE)
        return TGC_ELIMIT;
    int err = wire_pack(l->wire, packet, len, &l->out);
    if (err)
        l->out.err = 0; /* nothing was appended: what was queued before still leaves */
    else
        net_flush_ask(&l->loop->flushes, &l->flush);
    return err;
}

uint64_t net_link_received(const struct net_link *l)
{
    return l->received;
}

void net_link_close(struct net_link *l)
{
    if (!l)
        return;
    l->handlers = NULL;
    /* What was queued in this turn still leaves if the socket takes it: a farewell is not lost. */
    if (l->stream && l->out.len && net_outlet_waiting(&l->outlet) == 0 && pack_out(l) == 0)
        (void)!net_stream_write(l->stream, l->out.data, l->out.len);
    shut(l);
    release(l);
}
