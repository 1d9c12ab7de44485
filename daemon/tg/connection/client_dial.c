/* A client's link: by which addresses, and through what. */
#include <stdlib.h>

#include "daemon/base/meter.h"
#include "daemon/tg/connection/client_internal.h"
#include "daemon/tg/dc_way.h"

/* All accounts of a loop hear of the gate in one moment, and are not to dial in one. */
enum { GATE_SPREAD_US = 500000 };

void client_close_link(struct tg_client *c)
{
    net_link_close(c->link);
    c->link = NULL;
    if (c->via)
        proxy_wipe(c->via);
    free(c->via);
    c->via = NULL;
}

static void find_way(struct tg_client *c, struct dc_way *way)
{
    const struct tg_env *env = c->env;
    unsigned edition = env->learnt ? dc_learnt_edition(env->learnt) : 0;

    /* Other addresses: what was tried so far says nothing of them. */
    if (edition != c->edition)
        c->attempt = 0;
    c->edition = edition;
    dc_way_find(&(struct dc_way_asked){.learnt = env->learnt,
                                       .dc = c->dc,
                                       .by_proxy = tg_way_proxy(c->way, env) != NULL,
                                       .framing = env->framing,
                                       .obfuscated = env->obfuscated,
                                       .attempt = c->attempt},
                way);
}

/* The proxy that the link goes through; what has a secret is one itself. */
static int choose_proxy(struct tg_client *c, const struct dc_way *way, const struct proxy **ret)
{
    *ret = tg_way_proxy(c->way, c->env);
    if (!way->has_via)
        return 0;
    c->via = malloc(sizeof(*c->via));
    if (!c->via)
        return TGC_ENOMEM;
    *c->via = way->via;
    *ret = c->via;
    return 0;
}

int client_open_link(struct tg_client *c)
{
    const struct proxy *proxy;
    struct dc_way way;

    c->is_heard = false;
    meter_add(c->env->meter, METER_CONNECTION_ATTEMPTS, 1);
    find_way(c, &way);
    int err = choose_proxy(c, &way, &proxy);
    if (err)
        return err;
    struct net_link_config config = {
        .addresses = way.addresses,
        .addresses_n = way.n,
        .first = way.first,
        .proxy = proxy,
        .dc = (int16_t)c->dc->handshake_id,
        .framing = c->env->framing,
        .obfuscated = c->env->obfuscated,
        .random = c->env->random,
        .connect_timeout_us = proxy ? 0 : way.timeout_us,
    };
    return net_link_new(c->env->loop, &config, &client_link_handlers, c, &c->link);
}

static void on_gate_opened(void *ctx)
{
    struct tg_client *c = ctx;

    if (c->awaits_gate && c->connection.state == TG_CONNECTION_WAITING)
        net_timer_set(c->timer, tg_now(c->env) + (int64_t)random_below(c->env->random, GATE_SPREAD_US));
    c->awaits_gate = false;
}

void client_watch_gate(struct tg_client *c)
{
    c->ear = (struct net_gate_ear){.opened = on_gate_opened, .ctx = c};
    net_gate_listen(c->env->loop, &c->ear);
}
