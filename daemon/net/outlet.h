/* What a link has written, until the socket has it: what the socket does not take at once waits here for room in it,
 * and each piece is written as any other (stream.h). Belongs to its loop's thread. */
#ifndef TGCALLD_NET_OUTLET_H
#define TGCALLD_NET_OUTLET_H

#include <stddef.h>

#include "daemon/base/buf.h"
#include "daemon/base/err.h"

struct net_room;
struct uv_tcp_s;

struct net_outlet {
    /* STATUS 0: what waited is written, and more may be; else it failed, see net_stream_write(). From the loop; the
     * outlet may be closed from inside. */
    void (*written)(void *ctx, int status);
    void *ctx;

    struct uv_tcp_s *stream; /* borrowed */
    struct buf rest;
    size_t at;             /* what of it is written */
    struct net_room *room; /* what is waited for; NULL: nothing waits */
};

/* Takes the bytes of OUT, which is empty afterwards. Only where nothing waits. 0: they are written, or wait; else as
 * net_stream_write(). */
int net_outlet_write(struct net_outlet *o, struct buf *out) TGC_MUST;
/* How many bytes wait. */
static inline size_t net_outlet_waiting(const struct net_outlet *o)
{
    return o->rest.len - o->at;
}
/* What waits is lost. Before the stream is closed; fine on a zeroed one, and twice. */
void net_outlet_close(struct net_outlet *o);

#endif
