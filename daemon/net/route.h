/* From a data centre's addresses to an open stream: straight (dial.h), or through a proxy, which is dialled and told
 * what it wants to hear (wire/tunnel.h). Belongs to its loop's thread. */
#ifndef TGCALLD_NET_ROUTE_H
#define TGCALLD_NET_ROUTE_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/proxy.h"
#include "daemon/base/random.h"
#include "daemon/net/address.h"
#include "daemon/net/loop.h"

struct tunnel;
struct uv_tcp_s;
struct net_route;

struct net_route_config {
    const struct net_address *addresses; /* copied; at least one, at most LIMIT_DIAL_ADDRESSES */
    size_t n;
    size_t first;              /* the index to begin with; the list goes on around its end */
    const struct proxy *proxy; /* NULL: none; borrowed while the route is there, and the tunnel that it gives */
    const struct random_source *random;
    /* 0 means 10 s. Without a proxy: for all addresses together. With one: to connect to it, and again until it agrees.
     * The next address is tried where it refuses the one. */
    int64_t timeout_us;
};

/* Where a route leads. */
struct net_way {
    struct uv_tcp_s *stream; /* not read from; the callee's to end with net_stream_close() (stream.h) */
    struct tunnel *tunnel;   /* what its bytes go through, the callee's to free; NULL: they are the stream's own */
    const uint8_t *rest;     /* of the stream, received already; borrowed */
    size_t rest_len;
};

/* Called once, from the loop, never from inside net_route_new() or net_route_close(). WAY (borrowed) is NULL where
 * there is none, and WHY a sentence then. The route may be closed from inside. */
typedef void net_routed_fn(void *ctx, const struct net_way *way, const char *why);

/* TGC_EINVAL: no address; TGC_ELIMIT; TGC_ENOMEM. */
int net_route_new(struct net_loop *loop, const struct net_route_config *config, net_routed_fn *done, void *ctx,
                  struct net_route **ret) TGC_MUST;
/* Frees it, whatever is under way; DONE is not called any more. NULL is fine. */
void net_route_close(struct net_route *route);

#endif
