#include "daemon/net/dial.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/net/loop_internal.h"

/* libuv still owns these after the dial let go (DIAL is NULL then): each is freed by its own callback. */
struct lookup {
    uv_getaddrinfo_t uv;
    struct net_dial *dial;
};

struct attempt {
    uv_tcp_t tcp; /* first: it becomes the stream */
    uv_connect_t connect;
    struct net_dial *dial;
};

struct net_dial {
    struct net_loop *loop;
    net_dialled_fn *done;
    void *ctx;
    struct net_timer *timer; /* the next step, or the end of the one under way */
    int64_t deadline_us;
    struct lookup *lookup;      /* under way, or NULL */
    struct attempt *attempt;    /* the same */
    struct addrinfo *found;     /* what the current address stands for */
    const struct addrinfo *now; /* of these, the one being tried */
    size_t first, begun, n;
    char why[160];
    struct net_address addresses[];
};

static const struct net_address *current(const struct net_dial *d)
{
    return &d->addresses[(d->first + d->begun - 1) % d->n];
}

/* --- causes --- */

static void name_address(const struct sockaddr *sa, char *out, size_t size)
{
    char host[64] = "";

    uv_ip_name(sa, host, sizeof(host));
    if (sa->sa_family == AF_INET6)
        snprintf(out, size, "[%s]:%u", host, ntohs(((const struct sockaddr_in6 *)(const void *)sa)->sin6_port));
    else
        snprintf(out, size, "%s:%u", host, ntohs(((const struct sockaddr_in *)(const void *)sa)->sin_port));
}

static void note_connect(struct net_dial *d, int status)
{
    char name[80];

    name_address(d->now->ai_addr, name, sizeof(name));
    if (status == UV_ECONNREFUSED)
        snprintf(d->why, sizeof(d->why), "connection refused by %s", name);
    else if (status == UV_ETIMEDOUT)
        snprintf(d->why, sizeof(d->why), "no answer from %s in time", name);
    else
        snprintf(d->why, sizeof(d->why), "connecting to %s failed: %s", name, uv_strerror(status));
}

static void note_lookup(struct net_dial *d, int status)
{
    snprintf(d->why, sizeof(d->why), "the look-up of the name %.80s failed: %.40s", current(d)->host,
             status == UV_ETIMEDOUT ? "no answer in time" : uv_strerror(status));
}

/* --- the end of what is under way --- */

static void free_stream(uv_handle_t *handle)
{
    free(handle);
}

void net_stream_close(struct uv_tcp_s *stream)
{
    uv_close((uv_handle_t *)stream, free_stream);
}

static void drop_attempt(struct net_dial *d)
{
    if (d->attempt) {
        d->attempt->dial = NULL;
        net_stream_close(&d->attempt->tcp);
        d->attempt = NULL;
    }
}

static void drop_lookup(struct net_dial *d)
{
    if (d->lookup) {
        d->lookup->dial = NULL;
        uv_cancel((uv_req_t *)&d->lookup->uv);
        d->lookup = NULL;
    }
}

static void drop_found(struct net_dial *d)
{
    if (d->found)
        freeaddrinfo(d->found);
    d->found = NULL;
    d->now = NULL;
}

void net_dial_close(struct net_dial *d)
{
    if (!d)
        return;
    drop_attempt(d);
    drop_lookup(d);
    drop_found(d);
    net_timer_free(d->timer);
    free(d);
}

/* The last that is done with D: it may be closed from inside. */
static void finish(struct net_dial *d, uv_tcp_t *stream)
{
    net_timer_stop(d->timer);
    d->done(d->ctx, stream, stream ? NULL : d->why);
}

/* --- the steps --- */

static void step_soon(struct net_dial *d)
{
    net_timer_set(d->timer, 0);
}

/* Each try gets an equal share of the time that is left, so that one that never answers leaves some for the others. */
static void start_share(struct net_dial *d)
{
    int64_t now = clock_mono_us(d->loop->clock), left = d->deadline_us - now;
    int64_t tries = (int64_t)(d->n - d->begun) + (d->now ? 0 : 1);

    for (const struct addrinfo *a = d->now; a; a = a->ai_next)
        tries++;
    net_timer_set(d->timer, left > 0 ? now + left / tries : now);
}

static void on_connected(uv_connect_t *uv, int status)
{
    struct attempt *t = uv->data;
    struct net_dial *d = t->dial;

    if (!d)
        return;
    if (status == 0) {
        d->attempt = NULL;
        finish(d, &t->tcp);
        return;
    }
    drop_attempt(d);
    note_connect(d, status);
    d->now = d->now->ai_next;
    step_soon(d);
}

static int try_to_connect(struct net_dial *d)
{
    struct attempt *t = calloc(1, sizeof(*t));
    int status;

    if (!t)
        return UV_ENOMEM;
    status = uv_tcp_init(&d->loop->uv, &t->tcp);
    if (status < 0) {
        free(t);
        return status;
    }
    t->dial = d;
    t->connect.data = t;
    d->attempt = t;
    status = uv_tcp_connect(&t->connect, &t->tcp, d->now->ai_addr, on_connected);
    if (status < 0)
        drop_attempt(d);
    return status;
}

static void on_looked_up(uv_getaddrinfo_t *uv, int status, struct addrinfo *found)
{
    struct lookup *l = uv->data;
    struct net_dial *d = l->dial;

    free(l);
    if (!d) {
        uv_freeaddrinfo(found);
        return;
    }
    d->lookup = NULL;
    d->now = d->found = found;
    if (status < 0)
        note_lookup(d, status);
    step_soon(d);
}

/* An address is read at once; a name is asked for. */
static int look_up(struct net_dial *d)
{
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    char port[8];

    snprintf(port, sizeof(port), "%u", current(d)->port);
    if (getaddrinfo(current(d)->host, port, &hints, &d->found) == 0) {
        d->now = d->found;
        return 0;
    }
    struct lookup *l = calloc(1, sizeof(*l));
    if (!l)
        return UV_ENOMEM;
    hints.ai_flags = AI_NUMERICSERV;
    l->dial = d;
    l->uv.data = l;
    int status = uv_getaddrinfo(&d->loop->uv, &l->uv, on_looked_up, current(d)->host, port, &hints);
    if (status < 0)
        free(l);
    else
        d->lookup = l;
    return status;
}

/* Begins the next try, until one is under way or none is left. */
static void step(struct net_dial *d)
{
    int status;

    while (!d->attempt && !d->lookup) {
        if (d->now) {
            status = try_to_connect(d);
            if (status < 0) {
                note_connect(d, status);
                d->now = d->now->ai_next;
            }
            continue;
        }
        drop_found(d);
        if (d->begun == d->n) {
            finish(d, NULL);
            return;
        }
        d->begun++;
        status = look_up(d);
        if (status < 0)
            note_lookup(d, status);
    }
    start_share(d);
}

static void on_timer(void *ctx)
{
    struct net_dial *d = ctx;

    if (d->attempt) {
        note_connect(d, UV_ETIMEDOUT);
        drop_attempt(d);
        d->now = d->now->ai_next;
    } else if (d->lookup) {
        note_lookup(d, UV_ETIMEDOUT);
        drop_lookup(d);
    }
    step(d);
}

int net_dial_new(struct net_loop *loop, const struct net_dial_config *config, net_dialled_fn *done, void *ctx,
                 struct net_dial **ret)
{
    int64_t timeout_us = config->timeout_us ? config->timeout_us : 10 * SECOND_US;
    struct net_dial *d;

    if (config->n == 0 || config->n > LIMIT_DIAL_ADDRESSES)
        return config->n ? TGC_ELIMIT : TGC_EINVAL;
    d = calloc(1, sizeof(*d) + config->n * sizeof(d->addresses[0]));
    if (!d)
        return TGC_ENOMEM;
    d->loop = loop;
    d->done = done;
    d->ctx = ctx;
    d->n = config->n;
    d->first = config->first;
    memcpy(d->addresses, config->addresses, config->n * sizeof(d->addresses[0]));
    d->deadline_us = clock_mono_us(loop->clock) + timeout_us;
    int err = net_timer_new(loop, on_timer, d, &d->timer);
    if (err) {
        free(d);
        return err;
    }
    step_soon(d);
    *ret = d;
    return 0;
}
