#include "daemon/wire/tunnel.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/limits.h"
#include "daemon/wire/tunnel_internal.h"

bool tunnel_is_needed(const struct proxy *proxy)
{
    return proxy->kind != PROXY_MTPROXY || proxy->domain[0];
}

int tunnel_new(const struct tunnel_config *config, struct tunnel **ret)
{
    struct tunnel *t = calloc(1, sizeof(*t));

    if (!t)
        return TGC_ENOMEM;
    t->config = *config;
    buf_init(&t->in, LIMIT_PROXY_ANSWER);
    *ret = t;
    return 0;
}

void tunnel_free(struct tunnel *t)
{
    if (!t)
        return;
    buf_fini(&t->in);
    free(t);
}

int tunnel_begin(struct tunnel *t, struct buf *out)
{
    static void (*const begin[])(struct tunnel * t, struct buf * out) = {
        [PROXY_SOCKS5] = tunnel_begin_socks5, [PROXY_HTTP] = tunnel_begin_http, [PROXY_MTPROXY] = tunnel_begin_tls};

    begin[t->config.proxy->kind](t, out);
    return buf_err(out);
}

/* As many steps as the bytes are enough for. */
static int take_steps(struct tunnel *t, struct buf *out, struct fault *fault)
{
    int err = 0;
    size_t used = 1;

    while (!err && t->step && t->in.len > 0 && used > 0) {
        used = 0;
        err = t->step->take(t, t->in.data, t->in.len, &used, out, fault);
        if (!err)
            buf_drop_front(&t->in, used);
    }
    return err ? err : buf_err(out);
}

static int take_open(struct tunnel *t, const uint8_t *p, size_t len, struct buf *clear, struct fault *fault)
{
    return t->in_records ? tunnel_unpack(t, p, len, clear, fault) : buf_put(clear, p, len);
}

int tunnel_feed(struct tunnel *t, const void *data, size_t len, struct buf *out, struct buf *clear, struct fault *fault)
{
    const uint8_t *at = data;
    int err = 0;

    /* A piece at a time: what is beyond the dialogue is the stream's, and has another maximum. */
    while (!err && t->step && len > 0) {
        size_t n = t->in.max - t->in.len;
        if (n == 0)
            return fault_set(fault, TGC_ELIMIT, "answered with more than %zu bytes", t->in.max);
        n = n < len ? n : len;
        err = buf_put(&t->in, at, n);
        at += n;
        len -= n;
        if (!err)
            err = take_steps(t, out, fault);
    }
    if (err || t->step)
        return err;
    if (t->in.len > 0) {
        err = take_open(t, t->in.data, t->in.len, clear, fault);
        buf_reset(&t->in);
    }
    return err ? err : take_open(t, at, len, clear, fault);
}

bool tunnel_is_open(const struct tunnel *t)
{
    return !t->step;
}

bool tunnel_has_records(const struct tunnel *t)
{
    return t->in_records;
}

const char *tunnel_awaits(const struct tunnel *t)
{
    return t->step ? t->step->awaits : "nothing";
}

void tunnel_target_text(const struct tunnel_target *target, char out[static TUNNEL_TARGET_SIZE])
{
    char host[INET6_ADDRSTRLEN] = "";

    inet_ntop(target->v6 ? AF_INET6 : AF_INET, target->address, host, sizeof(host));
    snprintf(out, TUNNEL_TARGET_SIZE, target->v6 ? "[%s]:%u" : "%s:%u", host, target->port);
}

int tunnel_stranger(uint8_t first, const char *wanted, struct fault *fault)
{
    static const struct {
        uint8_t first;
        const char *speaks;
    } known[] = {
        {'H', "HTTP: is it an http:// proxy?"},
        {5, "SOCKS5: is it a socks5:// proxy?"},
        {0, "SOCKS4, which is not supported"},
        {0x15, "TLS"},
        {0x16, "TLS"},
        {'S', "SSH"},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i].first == first)
            return fault_set(fault, TGC_EREFUSED, "does not speak %s but %s", wanted, known[i].speaks);
    return fault_set(fault, TGC_EREFUSED, "does not speak %s: its answer begins with 0x%02x", wanted, first);
}
