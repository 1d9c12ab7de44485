#ifndef TGCALLD_NET_LOOP_INTERNAL_H
#define TGCALLD_NET_LOOP_INTERNAL_H

#include <uv.h>

#include "daemon/net/loop.h"

struct net_loop {
    uv_loop_t uv;
    uint8_t in[64 << 10]; /* what a read lands in: one at a time on a loop, so not one a link */
};

#endif
