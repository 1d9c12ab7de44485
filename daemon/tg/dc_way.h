/* Which addresses of a data centre one attempt to connect tries, and in which order: what Telegram said of them
 * (dc_learnt.h) and what the process was given (dc.h), so that neither a list of lies nor one that has grown old keeps
 * an account out. No I/O; any thread. */
#ifndef TGCALLD_TG_DC_WAY_H
#define TGCALLD_TG_DC_WAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/limits.h"
#include "daemon/base/proxy.h"
#include "daemon/net/address.h"
#include "daemon/tg/dc_learnt.h"
#include "daemon/wire/wire.h"

struct dc_way {
    struct net_address addresses[LIMIT_DIAL_ADDRESSES];
    size_t n;
    size_t first;       /* the index to begin with */
    int64_t timeout_us; /* for all of them together, where no proxy stands between; 0: as usual */
    /* The one address of this attempt has a secret, and is dialled as the MTProxy that it is to who speaks to it. */
    bool has_via;
    struct proxy via;
};

struct dc_way_asked {
    struct dc_learnt *learnt; /* NULL: nothing is */
    const struct tg_dc *dc;   /* with one address at least */
    bool by_proxy;            /* it is a proxy that will connect there */
    enum wire_framing framing;
    bool obfuscated;
    unsigned attempt; /* 0…: each that failed is followed by one that begins elsewhere */
};

/* In order: the ports of one round after the other (that of the option, then 443, 80 and 5222 unless it says
 * this_port_only), in each the two families in turn, IPv6 first (RFC 8305, section 4); behind a proxy IPv4 first, and
 * static options alone where there are any. */
void dc_way_find(const struct dc_way_asked *asked, struct dc_way *ret);

#endif
