#include "daemon/tg/dc_way.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/hex.h"

enum {
    SECOND_SOURCE_MIN = 4, /* places that stay for the other list, however long the first one is */
    TRIES_OF_TEN_SECONDS = 10,
};

static const uint16_t ports[] = {443, 80, 5222};
enum { PORTS = sizeof(ports) / sizeof(ports[0]) };

/* --- a list of addresses --- */

static bool has(const struct dc_way *way, const char *host, uint16_t port)
{
    for (size_t i = 0; i < way->n; i++)
        if (way->addresses[i].port == port && strcmp(way->addresses[i].host, host) == 0)
            return true;
    return false;
}

static void put(struct dc_way *way, const char *host, uint16_t port, size_t max)
{
    if (way->n >= max || has(way, host, port))
        return;
    struct net_address *a = &way->addresses[way->n++];
    snprintf(a->host, sizeof(a->host), "%s", host);
    a->port = port;
}

/* --- what was learnt --- */

/* The port of round ROUND, 0 for none: its own, then the others of the well-known ones. */
static uint16_t port_of(const struct tg_dc_option *o, unsigned round)
{
    if (round == 0)
        return o->port;
    if (o->this_port_only || ports[round - 1] == o->port)
        return 0;
    return ports[round - 1];
}

/* The I-th of one family; NULL where there are fewer. */
static const struct tg_dc_option *nth(const struct tg_dc_option *list, size_t n, bool is_v6, size_t i)
{
    for (size_t k = 0; k < n; k++)
        if (list[k].is_v6 == is_v6 && i-- == 0)
            return &list[k];
    return NULL;
}

static void put_round(struct dc_way *way, const struct tg_dc_option *list, size_t n, bool v6_first, unsigned round,
                      size_t max)
{
    for (size_t i = 0; i < 2 * n; i++) {
        const struct tg_dc_option *o = nth(list, n, (i % 2 == 0) == v6_first, i / 2);
        uint16_t port = o ? port_of(o, round) : 0;
        if (port)
            put(way, o->ip, port, max);
    }
}

/* What of them a plain connection can use, or (SECRET) one to what has a secret. */
static size_t usable(const struct dc_way_asked *asked, bool secret, struct tg_dc_option *list)
{
    size_t n = asked->learnt ? dc_learnt_of(asked->learnt, asked->dc->id, list) : 0, kept = 0;
    bool wants_static = false;

    if (secret && (asked->by_proxy || asked->framing == WIRE_FULL))
        return 0; /* a proxy behind a proxy; a framing that is never obfuscated */
    for (size_t i = 0; i < n; i++) {
        const struct tg_dc_option *o = &list[i];
        bool is_ours = (o->secret_len > 0) == secret && (secret || !o->tcpo_only || asked->obfuscated) &&
                       (!o->is_v6 || dc_learnt_settings(asked->learnt)->ipv6) &&
                       (o->secret_len <= PROXY_KEY_SIZE || asked->framing == WIRE_PADDED);
        if (is_ours)
            list[kept++] = *o;
        wants_static |= is_ours && asked->by_proxy && o->is_static;
    }
    n = kept;
    kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!wants_static || list[i].is_static)
            list[kept++] = list[i];
    return kept;
}

static void put_learnt(const struct dc_way_asked *asked, struct dc_way *way, size_t max)
{
    struct tg_dc_option list[TG_DC_OPTIONS_OF_ONE_MAX];
    size_t n = usable(asked, false, list);

    for (unsigned round = 0; round <= PORTS; round++)
        put_round(way, list, n, !asked->by_proxy, round, max);
}

static void put_own(const struct dc_way_asked *asked, struct dc_way *way, size_t max)
{
    for (size_t i = 0; i < asked->dc->addresses_n; i++)
        put(way, asked->dc->addresses[i].host, asked->dc->addresses[i].port, max);
}

/* --- options with a secret --- */

static bool find_via(const struct dc_way_asked *asked, unsigned turn, struct dc_way *way)
{
    struct tg_dc_option list[TG_DC_OPTIONS_OF_ONE_MAX];
    char text[2 * TG_DC_SECRET_MAX + TG_DC_IP_SIZE + 64], secret[2 * TG_DC_SECRET_MAX + 1];
    size_t n = usable(asked, true, list);

    if (n == 0)
        return false;
    const struct tg_dc_option *o = &list[turn % n];
    hex_encode(o->secret, o->secret_len, secret);
    snprintf(text, sizeof(text), o->is_v6 ? "mtproxy://[%s]:%u?secret=%s" : "mtproxy://%s:%u?secret=%s", o->ip,
             (unsigned)o->port, secret);
    if (proxy_parse(text, &way->via, NULL) != 0)
        return false; /* a domain that is none */
    put(way, o->ip, o->port, LIMIT_DIAL_ADDRESSES);
    way->has_via = true;
    return true;
}

/* --- one attempt --- */

void dc_way_find(const struct dc_way_asked *asked, struct dc_way *ret)
{
    bool own_first = !asked->learnt || dc_learnt_settings(asked->learnt)->own_first;
    struct tg_dc_option list[TG_DC_OPTIONS_OF_ONE_MAX];
    unsigned attempt = asked->attempt;
    size_t second_max;

    memset(ret, 0, sizeof(*ret));
    /* Every third attempt is for one that has a secret, where there is such. */
    if (usable(asked, true, list) > 0) {
        if (attempt % 3 == 2 && find_via(asked, attempt / 3, ret))
            return;
        attempt -= attempt / 3;
    }
    second_max = own_first ? PORTS * usable(asked, false, list) : asked->dc->addresses_n;
    if (second_max > SECOND_SOURCE_MIN)
        second_max = SECOND_SOURCE_MIN;
    size_t first_max = LIMIT_DIAL_ADDRESSES - second_max;
    (own_first ? put_own : put_learnt)(asked, ret, first_max);
    size_t second = ret->n;
    (own_first ? put_learnt : put_own)(asked, ret, LIMIT_DIAL_ADDRESSES);
    /* Either list may be wrong as a whole: of two attempts one begins in each. */
    if (second == 0 || second == ret->n)
        ret->first = attempt % ret->n;
    else if (attempt % 2 == 0)
        ret->first = attempt / 2 % second;
    else
        ret->first = second + attempt / 2 % (ret->n - second);
    if (ret->n > TRIES_OF_TEN_SECONDS)
        ret->timeout_us = (int64_t)ret->n * SECOND_US;
}
