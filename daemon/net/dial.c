#include "daemon/net/dial.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/net/gate.h"
#include "daemon/net/lookup.h"
#include "daemon/net/loop_internal.h"
#include "daemon/net/stream.h"

enum {
    /* How many are on their way at once: each is a descriptor, and there may be as many dials as accounts. */
    ATTEMPTS_MAX = 2,
    /* What an attempt has for itself before the next one sets out beside it (RFC 8305, section 8). */
    HEAD_START_US = 250 * 1000,
};

/* libuv still owns it after the dial let go (DIAL is NULL then): its own callback frees it. */
struct attempt {
    uv_tcp_t tcp; /* first: it becomes the stream */
    uv_connect_t connect;
    struct net_dial *dial;
    char name[NET_NAME_SIZE]; /* of what it is to */
};

struct net_dial {
    struct net_loop *loop;
    net_dialled_fn *done;
    void *ctx;
    struct net_timer *timer; /* the next step, or the end of the oldest under way */
    int64_t deadline_us;
    struct net_lookup *lookup;              /* under way, or NULL */
    struct attempt *attempts[ATTEMPTS_MAX]; /* the same, the oldest first */
    size_t attempts_n;
    struct addrinfo *found;     /* what the current address stands for */
    const struct addrinfo *now; /* of these, the next to be tried */
    size_t first, begun, n;
    char why[160];
    struct net_address addresses[];
};

static const struct net_address *current(const struct net_dial *d)
{
    return &d->addresses[(d->first + d->begun - 1) % d->n];
}

/* --- causes --- */

static void note_connect(struct net_dial *d, const char *name, int status)
{
    if (status == UV_ECONNREFUSED)
        snprintf(d->why, sizeof(d->why), "connection refused by %s", name);
    else if (status == UV_ETIMEDOUT)
        snprintf(d->why, sizeof(d->why), "no answer from %s in time", name);
    else
        snprintf(d->why, sizeof(d->why), "connecting to %s failed: %s", name, uv_strerror(status));
}

static void note_lookup(struct net_dial *d, int status)
{
    net_lookup_why(current(d), status, d->why, sizeof(d->why));
}

/* --- the end of what is under way --- */

/* It is the dial's no more. */
static void let_go(struct net_dial *d, const struct attempt *t)
{
    size_t kept = 0;

    for (size_t i = 0; i < d->attempts_n; i++)
        if (d->attempts[i] != t)
            d->attempts[kept++] = d->attempts[i];
    d->attempts_n = kept;
}

static void drop_attempt(struct net_dial *d, struct attempt *t)
{
    let_go(d, t);
    t->dial = NULL;
    net_stream_close(&t->tcp);
}

static void drop_attempts(struct net_dial *d)
{
    while (d->attempts_n > 0)
        drop_attempt(d, d->attempts[0]);
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
    drop_attempts(d);
    net_lookup_drop(d->lookup);
    drop_found(d);
    net_timer_free(d->timer);
    free(d);
}

/* The last that is done with D: it may be closed from inside. */
static void finish(struct net_dial *d, uv_tcp_t *stream)
{
    net_timer_stop(d->timer);
    drop_attempts(d);
    net_lookup_drop(d->lookup);
    d->lookup = NULL;
    d->done(d->ctx, stream, stream ? NULL : d->why);
}

/* --- the steps --- */

static void step_soon(struct net_dial *d)
{
    net_timer_set(d->timer, 0);
}

static bool is_more(const struct net_dial *d)
{
    return d->now || d->begun < d->n;
}

/* When the next is to be done: soon where another may set out beside the one under way; else each try gets an equal
 * share of the time that is left, so that one that never answers leaves some for the others. */
static void set_pace(struct net_dial *d)
{
    int64_t now = clock_mono_us(d->loop->clock), left = d->deadline_us - now;
    int64_t tries = (int64_t)(d->n - d->begun) + 1;

    for (const struct addrinfo *a = d->now; a; a = a->ai_next)
        tries++;
    int64_t wait_us = left > 0 ? left / tries : 0;
    if (!d->lookup && d->attempts_n < ATTEMPTS_MAX && is_more(d) && wait_us > HEAD_START_US)
        wait_us = HEAD_START_US;
    net_timer_set(d->timer, now + wait_us);
}

static void on_connected(uv_connect_t *uv, int status)
{
    struct attempt *t = uv->data;
    struct net_dial *d = t->dial;

    if (!d)
        return;
    if (status == 0) {
        let_go(d, t);
        finish(d, &t->tcp);
        return;
    }
    note_connect(d, t->name, status);
    drop_attempt(d, t);
    if (!d->lookup)
        step_soon(d);
}

/* The next of what was found. */
static void try_to_connect(struct net_dial *d)
{
    const struct sockaddr *to = d->now->ai_addr;
    struct attempt *t = calloc(1, sizeof(*t));
    char name[NET_NAME_SIZE];
    int status = t ? uv_tcp_init(&d->loop->uv, &t->tcp) : UV_ENOMEM;

    d->now = d->now->ai_next;
    net_sockaddr_name(to, name);
    if (status < 0) {
        free(t);
        note_connect(d, name, status);
        return;
    }
    memcpy(t->name, name, sizeof(name));
    t->dial = d;
    t->connect.data = t;
    d->attempts[d->attempts_n++] = t;
    status = uv_tcp_connect(&t->connect, &t->tcp, to, on_connected);
    if (status < 0) {
        note_connect(d, name, status);
        drop_attempt(d, t);
    }
}

static void on_looked_up(void *ctx, int status, struct addrinfo *found)
{
    struct net_dial *d = ctx;

    d->lookup = NULL;
    d->now = d->found = found;
    if (status < 0)
        note_lookup(d, status);
    step_soon(d);
}

static int look_up(struct net_dial *d)
{
    int status = net_look_up(d->loop, current(d), on_looked_up, d, &d->lookup, &d->found);

    d->now = d->found;
    return status;
}

/* What the next address stands for. */
static void look_up_next(struct net_dial *d)
{
    drop_found(d);
    d->begun++;
    int status = look_up(d);
    if (status < 0)
        note_lookup(d, status);
}

/* Begins the next try, beside one that is under way. */
static void step(struct net_dial *d)
{
    size_t before = d->attempts_n;

    if (!net_gate_is_open(d->loop)) {
        snprintf(d->why, sizeof(d->why), "%s", NET_GATE_SHUT);
        finish(d, NULL);
        return;
    }
    while (!d->lookup && d->attempts_n == before && is_more(d)) {
        if (d->now)
            try_to_connect(d);
        else
            look_up_next(d);
    }
    if (d->lookup || d->attempts_n > 0)
        set_pace(d);
    else
        finish(d, NULL);
}

/* A look-up, or the oldest of all attempts that there may be, has had its share; or it is the next one's turn. */
static void on_timer(void *ctx)
{
    struct net_dial *d = ctx;
    bool is_late = clock_mono_us(d->loop->clock) >= d->deadline_us;

    if (d->lookup) {
        note_lookup(d, UV_ETIMEDOUT);
        net_lookup_drop(d->lookup);
        d->lookup = NULL;
    } else if (d->attempts_n == ATTEMPTS_MAX) {
        note_connect(d, d->attempts[0]->name, UV_ETIMEDOUT);
        drop_attempt(d, d->attempts[0]);
    }
    if (!is_late) {
        step(d);
        return;
    }
    if (d->attempts_n > 0)
        note_connect(d, d->attempts[d->attempts_n - 1]->name, UV_ETIMEDOUT);
    finish(d, NULL);
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
