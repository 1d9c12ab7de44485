/* From a list of addresses to one connected TCP stream: names are looked up, and what they stand for is tried in order
 * until one answers. One that keeps silent for a moment is tried on beside the next (RFC 8305, "happy eyeballs"), two
 * at most at once; whoever answers first is taken. Belongs to its loop's thread. */
#ifndef TGCALLD_NET_DIAL_H
#define TGCALLD_NET_DIAL_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/net/address.h"
#include "daemon/net/loop.h"

struct uv_tcp_s;
struct net_dial;

struct net_dial_config {
    const struct net_address *addresses; /* copied; at least one, at most LIMIT_DIAL_ADDRESSES */
    size_t n;
    size_t first;       /* the index to begin with; the list goes on around its end */
    int64_t timeout_us; /* for all of it; 0 means 10 s. A try gets its share of what is left. */
};

/* Called once, from the loop, never from inside net_dial_new() or net_dial_close(). STREAM is connected, and the
 * callee's to end with net_stream_close() (stream.h); or it is NULL, and WHY is the cause of the last try: "connection
 * refused by 127.0.0.1:443". The dial may be closed from inside. */
typedef void net_dialled_fn(void *ctx, struct uv_tcp_s *stream, const char *why);

/* TGC_EINVAL: no address; TGC_ELIMIT; TGC_ENOMEM. */
int net_dial_new(struct net_loop *loop, const struct net_dial_config *config, net_dialled_fn *done, void *ctx,
                 struct net_dial **ret) TGC_MUST;
/* Frees it, whatever is under way; DONE is not called any more. NULL is fine. */
void net_dial_close(struct net_dial *dial);

#endif
