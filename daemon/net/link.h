/* One connection to a data centre that carries MTProto packets in a framing of wire/: a route (route.h), then framing,
 * a queue of what is to be sent, and its end. It keeps to its loop's gate (gate.h). Belongs to its loop's thread. */
#ifndef TGCALLD_NET_LINK_H
#define TGCALLD_NET_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/proxy.h"
#include "daemon/base/random.h"
#include "daemon/net/address.h"
#include "daemon/net/loop.h"
#include "daemon/wire/wire.h"

struct net_link;

/* No handler is called from inside net_link_new() or net_link_close(). After on_closed, or after net_link_close(), none
 * comes. */
struct net_link_handlers {
    void (*on_open)(void *ctx);
    /* DATA may be changed in place; borrowed. The handler may close the link. */
    void (*on_packet)(void *ctx, uint8_t *data, size_t len);
    /* A transport error of the server: -404, -429, -444, … The link is still open. */
    void (*on_error_code)(void *ctx, int32_t code);
    /* It ended by itself; WHY is a short sentence, borrowed until the link is closed. Free it with net_link_close(). */
    void (*on_closed)(void *ctx, const char *why);
};

struct net_link_config {
    const struct net_address *addresses; /* copied; tried in order, from the one of index FIRST around the end */
    size_t addresses_n, first;
    const struct proxy *proxy; /* NULL: none; borrowed while the link is there */
    int16_t dc;                /* which data centre an MTProxy is asked for, as the handshake names it */
    enum wire_framing framing;
    bool obfuscated; /* by an MTProxy always */
    const struct random_source *random;
    int64_t connect_timeout_us; /* see route.h; 0 means 10 s */
};

/* TGC_EINVAL: no address, or a framing without an obfuscated form, or another than the proxy demands; TGC_ELIMIT: too
 * many addresses; TGC_ENOMEM. */
int net_link_new(struct net_loop *loop, const struct net_link_config *config, const struct net_link_handlers *handlers,
                 void *ctx, struct net_link **ret) TGC_MUST;
/* Queues one packet; several in a row leave in one write. TGC_ECLOSED, TGC_ENOMEM, TGC_ELIMIT (LIMIT_SEND_QUEUE). */
int net_link_send(struct net_link *link, const void *packet, size_t len) TGC_MUST;
/* Bytes received so far. */
uint64_t net_link_received(const struct net_link *link);
/* Closes and frees; NULL is fine. May be called from its own handlers. In a loop with a gate no byte leaves afterwards,
 * also of what the kernel still had. */
void net_link_close(struct net_link *link);

#endif
