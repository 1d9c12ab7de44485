#ifndef TGCALLD_NET_LOOP_INTERNAL_H
#define TGCALLD_NET_LOOP_INTERNAL_H

#include <uv.h>

#include "daemon/net/loop.h"

struct net_loop {
    uv_loop_t uv;
    const struct clock_source *clock;
    uv_prepare_t before_wait;
    uv_check_t after_wait;
    void (*turn)(void *ctx);
    void *turn_ctx;
    uint8_t in[64 << 10]; /* what a read lands in: one at a time on a loop, so not one a link */
};

#endif
