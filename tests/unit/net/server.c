#include "tests/unit/net/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>

#include "daemon/base/clock.h"
#include "daemon/base/limits.h"

enum { GUARD_S = 20 };

static const struct wire_config wire_config = {.random = &random_system, .packet_max = LIMIT_PACKET, .padding_max = 15};

static bool serve_one(struct server *s, unsigned number)
{
    struct conn c = {.fd = accept(s->fd, NULL, NULL), .number = number, .one_byte_writes = s->one_byte_writes};
    int on = 1;

    if (c.fd < 0)
        return false;
    setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (wire_server_new(&wire_config, &c.wire) == 0)
        s->script(&c);
    wire_free(c.wire);
    close(c.fd);
    return true;
}

static void *run(void *ctx)
{
    struct server *s = ctx;
    unsigned number = 0;

    while (serve_one(s, number) && ++number < s->connections)
        ;
    return NULL;
}

void server_start(struct server *s, void (*script)(struct conn *c))
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(a);

    s->script = script;
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(s->fd, (struct sockaddr *)&a, sizeof(a)), 0);
    ck_assert_int_eq(listen(s->fd, 4), 0);
    ck_assert_int_eq(getsockname(s->fd, (struct sockaddr *)&a, &len), 0);
    s->port = ntohs(a.sin_port);
    s->started = script != NULL;
    if (script)
        ck_assert_int_eq(pthread_create(&s->thread, NULL, run, s), 0);
}

uint16_t refused_port(void)
{
    struct server s = {0};

    server_start(&s, NULL);
    server_stop(&s);
    return s.port;
}

struct net_address address_of(const char *host, uint16_t port)
{
    struct net_address a = {.port = port};

    ck_assert_uint_lt(strlen(host), sizeof(a.host));
    memcpy(a.host, host, strlen(host));
    return a;
}

void server_stop(struct server *s)
{
    shutdown(s->fd, SHUT_RDWR);
    if (s->started)
        pthread_join(s->thread, NULL);
    close(s->fd);
}

void server_join(struct server *s)
{
    pthread_join(s->thread, NULL);
    s->started = false;
}

bool conn_read(struct conn *c, struct wire_packet *ret)
{
    uint8_t in[4096];

    for (;;) {
        if (wire_next(c->wire, ret, NULL) != 0)
            return false;
        if (ret->kind == WIRE_PACKET)
            return true;
        ssize_t n = read(c->fd, in, sizeof(in));
        if (n <= 0 || wire_feed(c->wire, in, (size_t)n) != 0)
            return false;
    }
}

bool conn_read_bytes(struct conn *c, void *out, size_t len)
{
    uint8_t *at = out;

    while (len > 0) {
        ssize_t n = read(c->fd, at, len);
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

void conn_write(struct conn *c, const void *data, size_t len)
{
    const uint8_t *at = data;

    while (len) {
        ssize_t n = send(c->fd, at, c->one_byte_writes ? 1 : len, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        at += n;
        len -= (size_t)n;
    }
}

void conn_send(struct conn *c, const void *packet, size_t len)
{
    struct buf out;

    buf_init(&out, LIMIT_PACKET + 64);
    if (wire_pack(c->wire, packet, len, &out) == 0)
        conn_write(c, out.data, out.len);
    buf_fini(&out);
}

void conn_send_error(struct conn *c, int32_t code)
{
    struct buf out;

    buf_init(&out, 64);
    if (wire_pack_error(c->wire, code, &out) == 0)
        conn_write(c, out.data, out.len);
    buf_fini(&out);
}

/* --- the client's side */

static void drop(struct client *c)
{
    net_link_close(c->link);
    c->link = NULL;
    net_loop_stop(c->loop);
}

static void on_open(void *ctx)
{
    struct client *c = ctx;
    uint8_t *packet;

    c->opened++;
    if (c->on_open)
        c->on_open(c);
    if (c->send_len) {
        packet = malloc(c->send_len);
        memset(packet, 0x5a, c->send_len);
        ck_assert_int_eq(net_link_send(c->link, packet, c->send_len), 0);
        free(packet);
    }
    if (c->close_on_open)
        drop(c);
}

static void on_packet(void *ctx, uint8_t *data, size_t len)
{
    struct client *c = ctx;

    c->first[c->packets % KEPT_PACKETS] = data[0];
    c->packets++;
    c->bytes += len;
    memset(data, 0, len); /* it may be changed in place */
    if (c->close_on_packet)
        drop(c);
    else if (c->packets == c->stop_after_packets)
        net_loop_stop(c->loop);
}

static void on_error_code(void *ctx, int32_t code)
{
    struct client *c = ctx;

    c->errors++;
    c->code = code;
    if (c->close_on_error)
        drop(c);
}

static void on_closed(void *ctx, const char *why)
{
    struct client *c = ctx;

    c->closed++;
    snprintf(c->why, sizeof(c->why), "%s", why);
    if (c->keep_when_closed)
        net_loop_stop(c->loop);
    else
        drop(c);
}

static const struct net_link_handlers handlers = {on_open, on_packet, on_error_code, on_closed};

static void on_guard(void *ctx)
{
    struct client *c = ctx;

    ck_abort_msg("nothing happened: %u opened, %u packets, %u errors, %u closed", c->opened, c->packets, c->errors,
                 c->closed);
}

void client_init(struct client *c)
{
    *c = (struct client){0};
    ck_assert_int_eq(net_loop_new(&clock_system, &c->loop), 0);
    ck_assert_int_eq(net_timer_new(c->loop, on_guard, c, &c->guard), 0);
}

void client_connect(struct client *c, const char *host, uint16_t port, enum wire_framing framing, bool obfuscated)
{
    struct net_address address = address_of(host, port);

    client_connect_to(c, &address, 1, framing, obfuscated);
}

void client_connect_to(struct client *c, const struct net_address *addresses, size_t n, enum wire_framing framing,
                       bool obfuscated)
{
    struct net_link_config config = {.addresses = addresses,
                                     .addresses_n = n,
                                     .proxy = c->proxy,
                                     .framing = framing,
                                     .obfuscated = obfuscated,
                                     .random = &random_system,
                                     .connect_timeout_us = c->timeout_us};

    ck_assert_int_eq(net_link_new(c->loop, &config, &handlers, c, &c->link), 0);
    ck_assert_uint_eq(c->opened + c->closed, 0);
}

void client_run(struct client *c)
{
    net_timer_set(c->guard, clock_mono_us(&clock_system) + GUARD_S * SECOND_US);
    net_loop_run(c->loop);
    net_timer_stop(c->guard);
}

void client_fini(struct client *c)
{
    net_link_close(c->link);
    net_timer_free(c->guard);
    net_loop_free(c->loop);
}
