/* link.h as a pipe to a server object. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <utlist.h>

#include "daemon/base/limits.h"
#include "tests/support/fake_net_internal.h"

/* A link lives as long as its owner holds it, or something of it is on its way. */
struct net_link {
    struct net_loop *loop;
    const struct net_link_handlers *handlers; /* NULL once the owner closed it */
    void *ctx;
    struct fake_event dial;
    bool is_dialling, is_open;
    bool is_served; /* there is a server that wants to hear */
    struct net_address addresses[LIMIT_DIAL_ADDRESSES];
    size_t n, first, begun;
    int64_t deadline_us;
    char why[NET_HOST_MAX + 64];
    struct fake_server *server;
    void *conn; /* the server's */
    struct parcel *parcels;
    int64_t last_due_us;
    size_t sending;
    uint64_t received;
    struct net_gate_ear ear;
    unsigned refs;
};

/* Something on its way. */
struct parcel {
    struct fake_event event;
    struct net_link *link;
    void (*arrive)(struct parcel *p);
    const char *why;
    int32_t code;
    struct parcel *prev, *next;
    size_t len;
    uint8_t data[];
};

static void release(struct net_link *l)
{
    if (--l->refs == 0)
        free(l);
}

static void end_parcel(struct parcel *p)
{
    struct net_link *l = p->link;

    free(p);
    release(l);
}

static void drop_parcel(void *ctx)
{
    struct parcel *p = ctx;

    DL_DELETE(p->link->parcels, p);
    end_parcel(p);
}

static void run_parcel(void *ctx)
{
    struct parcel *p = ctx;

    DL_DELETE(p->link->parcels, p);
    if (!p->link->loop->is_dead)
        p->arrive(p);
    end_parcel(p);
}

static void post(struct net_link *l, void (*arrive)(struct parcel *p), const void *data, size_t len, int32_t code,
                 const char *why)
{
    struct parcel *p = malloc(sizeof(*p) + len);
    int64_t due_us = fake_now(l->loop) + l->loop->latency_us;

    if (!p)
        abort();
    *p = (struct parcel){.event = {.run = run_parcel, .drop = drop_parcel, .ctx = p},
                         .link = l,
                         .arrive = arrive,
                         .why = why,
                         .code = code,
                         .len = len};
    if (len)
        memcpy(p->data, data, len);
    /* What was sent first comes first, whatever became of the latency. */
    l->last_due_us = due_us > l->last_due_us ? due_us : l->last_due_us;
    DL_APPEND(l->parcels, p);
    l->refs++;
    if (l->loop->is_dead)
        drop_parcel(p);
    else
        fake_post(l->loop, &p->event, l->last_due_us);
}

/* --- what arrives --- */

static void data_at_server(struct parcel *p)
{
    struct net_link *l = p->link;

    l->sending -= p->len;
    if (l->is_served)
        l->server->listener->on_packet(l->conn, p->data, p->len);
}

static void end_at_server(struct parcel *p)
{
    struct net_link *l = p->link;

    if (l->is_served) {
        l->is_served = false;
        l->server->listener->on_closed(l->conn);
    }
}

static void data_at_client(struct parcel *p)
{
    struct net_link *l = p->link;

    l->received += p->len;
    if (l->handlers)
        l->handlers->on_packet(l->ctx, p->data, p->len);
}

static void code_at_client(struct parcel *p)
{
    struct net_link *l = p->link;

    l->received += sizeof(p->code);
    if (l->handlers)
        l->handlers->on_error_code(l->ctx, p->code);
}

static void end_at_client(struct parcel *p)
{
    struct net_link *l = p->link;

    l->is_open = false;
    if (l->handlers)
        l->handlers->on_closed(l->ctx, p->why);
}

/* --- dialling --- */

static struct fake_server *find_server(const struct net_loop *loop, const struct net_address *a)
{
    struct fake_server *s;

    LL_FOREACH (loop->servers, s)
        if (s->address.port == a->port && strcmp(s->address.host, a->host) == 0)
            return s;
    return NULL;
}

static void dial_next(struct net_link *l, int64_t in_us)
{
    l->is_dialling = true;
    fake_post(l->loop, &l->dial, fake_now(l->loop) + in_us);
}

static void accept_it(struct net_link *l, struct fake_server *s)
{
    l->server = s;
    l->is_open = l->is_served = true;
    l->conn = s->listener->on_accept(s->ctx, l);
    l->handlers->on_open(l->ctx);
}

/* What was sent is on its way, and comes. */
static void on_gate_shut(void *ctx)
{
    struct net_link *l = ctx;
    const struct net_link_handlers *handlers = l->handlers;

    net_gate_forget(&l->ear);
    if (l->is_dialling)
        fake_unpost(l->loop, &l->dial);
    l->is_dialling = l->is_open = false;
    if (l->is_served)
        post(l, end_at_server, NULL, 0, 0, NULL);
    l->handlers = NULL;
    handlers->on_closed(l->ctx, NET_GATE_SHUT);
}

static void run_dial(void *ctx)
{
    struct net_link *l = ctx;
    int64_t now = fake_now(l->loop);

    if (!net_gate_is_open(l->loop)) {
        on_gate_shut(l);
        return;
    }
    l->is_dialling = false;
    while (l->begun < l->n) {
        const struct net_address *a = &l->addresses[(l->first + l->begun++) % l->n];
        struct fake_server *s = find_server(l->loop, a);
        if (s)
            s->dials++;
        if (l->loop->is_dead || (s && s->state == FAKE_IS_SILENT)) {
            snprintf(l->why, sizeof(l->why), "no answer from %s:%u in time", a->host, a->port);
            dial_next(l, (l->deadline_us - now) / (int64_t)(l->n - l->begun + 1));
            return;
        }
        if (s && s->state == FAKE_LISTENS) {
            accept_it(l, s);
            return;
        }
        snprintf(l->why, sizeof(l->why), "connection refused by %s:%u", a->host, a->port);
    }
    l->handlers->on_closed(l->ctx, l->why);
}

/* --- link.h --- */

/* A proxy is the server that listens in its place; it is not told whom it is dialled for. */
static void dial_proxy(struct net_link *l, const struct proxy *proxy)
{
    l->n = 1;
    l->first = 0;
    l->addresses[0] = (struct net_address){.port = proxy->address.port};
    memcpy(l->addresses[0].host, proxy->address.host, sizeof(l->addresses[0].host));
}

int net_link_new(struct net_loop *loop, const struct net_link_config *config, const struct net_link_handlers *handlers,
                 void *ctx, struct net_link **ret)
{
    int64_t timeout_us = config->connect_timeout_us ? config->connect_timeout_us : 10 * SECOND_US;
    struct net_link *l;

    if (config->addresses_n == 0 || (config->framing == WIRE_FULL && config->obfuscated))
        return TGC_EINVAL;
    if (config->addresses_n > LIMIT_DIAL_ADDRESSES)
        return TGC_ELIMIT;
    l = calloc(1, sizeof(*l));
    if (!l)
        return TGC_ENOMEM;
    l->loop = loop;
    l->handlers = handlers;
    l->ctx = ctx;
    l->n = config->addresses_n;
    l->first = config->first;
    memcpy(l->addresses, config->addresses, l->n * sizeof(l->addresses[0]));
    if (config->proxy)
        dial_proxy(l, config->proxy);
    l->deadline_us = fake_now(loop) + timeout_us;
    l->dial = (struct fake_event){.run = run_dial, .ctx = l};
    l->refs = 1;
    l->ear = (struct net_gate_ear){.shut = on_gate_shut, .ctx = l};
    net_gate_listen(loop, &l->ear);
    loop->handles++;
    dial_next(l, loop->latency_us);
    *ret = l;
    return 0;
}

int net_link_send(struct net_link *l, const void *packet, size_t len)
{
    if (!l->is_open)
        return TGC_ECLOSED;
    if (l->sending + len > LIMIT_SEND_QUEUE)
        return TGC_ELIMIT;
    if (!net_gate_is_open(l->loop))
        return 0; /* it ends in a moment */
    l->sending += len;
    post(l, data_at_server, packet, len, 0, NULL);
    return 0;
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
    l->is_open = false;
    net_gate_forget(&l->ear);
    if (l->is_dialling)
        fake_unpost(l->loop, &l->dial);
    l->is_dialling = false;
    if (l->is_served)
        post(l, end_at_server, NULL, 0, 0, NULL);
    l->loop->handles--;
    release(l);
}

/* --- the server's side --- */

void fake_net_listen(struct fake_net *net, const char *host, uint16_t port, const struct fake_listener *listener,
                     void *ctx)
{
    struct fake_server *s = calloc(1, sizeof(*s));

    ck_assert_ptr_nonnull(s);
    snprintf(s->address.host, sizeof(s->address.host), "%s", host);
    s->address.port = port;
    s->listener = listener;
    s->ctx = ctx;
    LL_PREPEND(net->loop->servers, s);
}

static struct fake_server *must_find(const struct fake_net *net, const char *host, uint16_t port)
{
    struct net_address a = {.port = port};

    snprintf(a.host, sizeof(a.host), "%s", host);
    struct fake_server *s = find_server(net->loop, &a);
    ck_assert_msg(s != NULL, "nobody listens at %s:%u", host, port);
    return s;
}

void fake_net_set_address(struct fake_net *net, const char *host, uint16_t port, enum fake_address state)
{
    must_find(net, host, port)->state = state;
}

unsigned fake_net_dials(const struct fake_net *net, const char *host, uint16_t port)
{
    return must_find(net, host, port)->dials;
}

void fake_link_send(struct net_link *l, const void *data, size_t len)
{
    post(l, data_at_client, data, len, 0, NULL);
}

void fake_link_send_error(struct net_link *l, int32_t code)
{
    post(l, code_at_client, NULL, 0, code, NULL);
}

void fake_link_drop(struct net_link *l)
{
    l->is_served = false;
    post(l, end_at_client, NULL, 0, 0, "the server closed the connection");
}

void fake_link_reset(struct net_link *l)
{
    struct parcel *p, *next;

    l->is_served = false;
    l->refs++;
    DL_FOREACH_SAFE(l->parcels, p, next)
    {
        fake_unpost(l->loop, &p->event);
        drop_parcel(p);
    }
    post(l, end_at_client, NULL, 0, 0, "reading failed: connection reset by peer");
    release(l);
}
