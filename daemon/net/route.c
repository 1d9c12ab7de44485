#include "daemon/net/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/net/dial.h"
#include "daemon/net/lookup.h"
#include "daemon/net/loop_internal.h"
#include "daemon/net/stream.h"
#include "daemon/wire/tunnel.h"

enum { TIMEOUT_US = 10 * SECOND_US };

struct net_route {
    struct net_loop *loop;
    net_routed_fn *done;
    void *ctx;
    const struct proxy *proxy;
    const struct random_source *random;
    int64_t timeout_us;
    struct net_timer *timer;    /* the next step, or the end of what the proxy may take */
    struct net_lookup *lookup;  /* under way, or NULL */
    struct net_dial *dial;      /* the same */
    uv_tcp_t *stream;           /* to the proxy, while it is spoken to */
    struct tunnel *tunnel;      /* the same */
    struct addrinfo *found;     /* what the current address stands for */
    const struct addrinfo *now; /* of these, the one the proxy is asked for */
    struct buf out, clear;
    size_t first, begun, n;
    char why[192];
    struct net_address addresses[];
};

/* --- the end of what is under way --- */

static void hang_up(struct net_route *r)
{
    if (r->stream)
        net_stream_close(r->stream);
    r->stream = NULL;
    tunnel_free(r->tunnel);
    r->tunnel = NULL;
    buf_fini_secret(&r->out);
    buf_fini(&r->clear);
}

void net_route_close(struct net_route *r)
{
    if (!r)
        return;
    hang_up(r);
    net_dial_close(r->dial);
    net_lookup_drop(r->lookup);
    if (r->found)
        freeaddrinfo(r->found);
    net_timer_free(r->timer);
    free(r);
}

/* The last that is done with R: it may be closed from inside. */
static void fail(struct net_route *r)
{
    net_timer_stop(r->timer);
    hang_up(r);
    r->done(r->ctx, NULL, r->why);
}

static void succeed(struct net_route *r)
{
    struct net_way way = {.stream = r->stream, .rest = r->clear.data, .rest_len = r->clear.len};

    net_timer_stop(r->timer);
    uv_read_stop((uv_stream_t *)r->stream);
    r->stream = NULL;
    if (r->tunnel && tunnel_has_records(r->tunnel)) {
        way.tunnel = r->tunnel;
        r->tunnel = NULL;
    }
    r->done(r->ctx, &way, NULL);
}

/* --- the proxy, asked for one address --- */

/* The proxy is the subject of WHAT. */
static void blame(struct net_route *r, const char *what)
{
    char name[PROXY_NAME_SIZE];

    proxy_name(r->proxy, name);
    snprintf(r->why, sizeof(r->why), "the proxy at %s %.110s", name, what);
}

static void blame_silence(struct net_route *r, const char *before, const char *behind)
{
    char text[96];

    snprintf(text, sizeof(text), "%s %s%s", before, tunnel_awaits(r->tunnel), behind);
    blame(r, text);
}

/* It is little, and each word waits for the answer to the one before: a socket takes it whole. */
static int say(struct net_route *r)
{
    if (r->out.len == 0)
        return 0;
    int n = net_stream_write(r->stream, r->out.data, r->out.len);
    bool was_taken = n >= 0 && (size_t)n == r->out.len;
    buf_fini_secret(&r->out); /* there may be a password in it */
    buf_init(&r->out, LIMIT_PROXY_ANSWER);
    return was_taken ? 0 : n < 0 ? n : UV_EAGAIN;
}

static void refuse(struct net_route *r, int err, const struct fault *fault)
{
    char text[sizeof(fault->text)], target[NET_NAME_SIZE];

    if (err != TGC_ECLOSED || !r->now) {
        blame(r, fault->text[0] ? fault->text : tgc_err_text(err));
        fail(r);
        return;
    }
    net_sockaddr_name(r->now->ai_addr, target);
    snprintf(text, sizeof(text), "%.100s (%s)", fault->text, target);
    blame(r, text);
    hang_up(r);
    r->now = r->now->ai_next;
    net_timer_set(r->timer, 0);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct net_route *r = handle->data;

    (void)suggested;
    *buf = uv_buf_init((char *)r->loop->in, sizeof(r->loop->in));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct net_route *r = stream->data;
    struct fault fault = {0};

    if (n == 0)
        return;
    if (n < 0) {
        blame_silence(r, "closed the connection instead of answering", "");
        fail(r);
        return;
    }
    int err = tunnel_feed(r->tunnel, buf->base, (size_t)n, &r->out, &r->clear, &fault);
    if (err) {
        refuse(r, err, &fault);
        return;
    }
    int status = say(r);
    if (status < 0) {
        blame(r, net_stream_error(status));
        fail(r);
    } else if (tunnel_is_open(r->tunnel)) {
        succeed(r);
    }
}

static struct tunnel_target target_of(const struct sockaddr *sa)
{
    struct tunnel_target t = {.v6 = sa->sa_family == AF_INET6};

    if (t.v6) {
        const struct sockaddr_in6 *in6 = (const void *)sa;
        memcpy(t.address, &in6->sin6_addr, 16);
        t.port = ntohs(in6->sin6_port);
    } else {
        const struct sockaddr_in *in = (const void *)sa;
        memcpy(t.address, &in->sin_addr, 4);
        t.port = ntohs(in->sin_port);
    }
    return t;
}

static int begin(struct net_route *r)
{
    struct tunnel_config config = {
        .proxy = r->proxy, .random = r->random, .wall_s = clock_wall_us(r->loop->clock) / SECOND_US};

    if (r->now)
        config.target = target_of(r->now->ai_addr);
    buf_init(&r->out, LIMIT_PROXY_ANSWER);
    buf_init(&r->clear, LIMIT_PACKET);
    if (tunnel_new(&config, &r->tunnel) != 0 || tunnel_begin(r->tunnel, &r->out) != 0)
        return UV_ENOMEM;
    r->stream->data = r;
    int status = uv_read_start((uv_stream_t *)r->stream, on_alloc, on_read);
    return status < 0 ? status : say(r);
}

static void on_proxy_dialled(void *ctx, struct uv_tcp_s *stream, const char *why)
{
    struct net_route *r = ctx;

    if (!stream) {
        snprintf(r->why, sizeof(r->why), "the proxy cannot be reached: %.160s", why);
        fail(r);
        return;
    }
    net_dial_close(r->dial);
    r->dial = NULL;
    r->stream = stream;
    if (!tunnel_is_needed(r->proxy)) {
        succeed(r);
        return;
    }
    uv_tcp_nodelay(stream, 1);
    int status = begin(r);
    if (status < 0) {
        blame(r, net_stream_error(status));
        fail(r);
        return;
    }
    net_timer_set(r->timer, clock_mono_us(r->loop->clock) + r->timeout_us);
}

static int dial_proxy(struct net_route *r)
{
    struct net_address address = {.port = r->proxy->address.port};
    struct net_dial_config config = {.addresses = &address, .n = 1, .timeout_us = r->timeout_us};

    snprintf(address.host, sizeof(address.host), "%s", r->proxy->address.host);
    return net_dial_new(r->loop, &config, on_proxy_dialled, r, &r->dial);
}

/* --- which address it is asked for --- */

static const struct net_address *current(const struct net_route *r)
{
    return &r->addresses[(r->first + r->begun - 1) % r->n];
}

static void on_looked_up(void *ctx, int status, struct addrinfo *found)
{
    struct net_route *r = ctx;

    r->lookup = NULL;
    r->now = r->found = found;
    if (status < 0)
        net_lookup_why(current(r), status, r->why, sizeof(r->why));
    net_timer_set(r->timer, 0);
}

/* What the next address stands for; false where there is none. */
static bool look_up_next(struct net_route *r)
{
    if (r->found)
        freeaddrinfo(r->found);
    r->now = r->found = NULL;
    if (r->begun == r->n)
        return false;
    r->begun++;
    int status = net_look_up(r->loop, current(r), on_looked_up, r, &r->lookup, &r->found);
    r->now = r->found;
    if (status < 0)
        net_lookup_why(current(r), status, r->why, sizeof(r->why));
    if (r->lookup)
        net_timer_set(r->timer, clock_mono_us(r->loop->clock) + r->timeout_us);
    return true;
}

static void step(struct net_route *r)
{
    bool more = true;

    while (!r->now && !r->lookup && more)
        more = look_up_next(r);
    if (r->lookup)
        return;
    int err = r->now ? dial_proxy(r) : 0;
    if (err)
        snprintf(r->why, sizeof(r->why), "%s", tgc_err_text(err));
    if (err || !r->now)
        fail(r);
}

static void on_timer(void *ctx)
{
    struct net_route *r = ctx;

    if (r->tunnel) {
        blame_silence(r, "did not answer", " in time");
        fail(r);
        return;
    }
    if (r->lookup) {
        net_lookup_why(current(r), UV_ETIMEDOUT, r->why, sizeof(r->why));
        net_lookup_drop(r->lookup);
        r->lookup = NULL;
    }
    step(r);
}

/* --- no proxy, or one that knows where to go --- */

static void on_dialled(void *ctx, struct uv_tcp_s *stream, const char *why)
{
    struct net_route *r = ctx;
    struct net_way way = {.stream = stream};

    if (!stream)
        snprintf(r->why, sizeof(r->why), "%s", why); /* the dial's */
    net_dial_close(r->dial);
    r->dial = NULL;
    r->done(r->ctx, stream ? &way : NULL, r->why);
}

static int begin_straight(struct net_route *r, const struct net_route_config *config)
{
    struct net_dial_config dial = {
        .addresses = config->addresses, .n = config->n, .first = config->first, .timeout_us = r->timeout_us};

    return net_dial_new(r->loop, &dial, on_dialled, r, &r->dial);
}

static bool asks_for_addresses(const struct proxy *proxy)
{
    return proxy && proxy->kind != PROXY_MTPROXY;
}

static int begin_by_proxy(struct net_route *r, const struct net_route_config *config)
{
    int err = net_timer_new(r->loop, on_timer, r, &r->timer);

    if (err)
        return err;
    if (!asks_for_addresses(r->proxy))
        return dial_proxy(r);
    r->n = config->n;
    r->first = config->first;
    memcpy(r->addresses, config->addresses, config->n * sizeof(r->addresses[0]));
    net_timer_set(r->timer, 0);
    return 0;
}

int net_route_new(struct net_loop *loop, const struct net_route_config *config, net_routed_fn *done, void *ctx,
                  struct net_route **ret)
{
    size_t kept = asks_for_addresses(config->proxy) ? config->n : 0;

    if (config->n == 0 || config->n > LIMIT_DIAL_ADDRESSES)
        return config->n ? TGC_ELIMIT : TGC_EINVAL;
    struct net_route *r = calloc(1, sizeof(*r) + kept * sizeof(r->addresses[0]));
    if (!r)
        return TGC_ENOMEM;
    r->loop = loop;
    r->done = done;
    r->ctx = ctx;
    r->proxy = config->proxy;
    r->random = config->random;
    r->timeout_us = config->timeout_us ? config->timeout_us : TIMEOUT_US;
    int err = r->proxy ? begin_by_proxy(r, config) : begin_straight(r, config);
    if (err) {
        net_route_close(r);
        return err;
    }
    *ret = r;
    return 0;
}
