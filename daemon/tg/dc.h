/* The data centres of an environment as the process is given them: where they are and which keys they may show. Filled
 * before the workers start. What Telegram says of them later is in dc_learnt.h. */
#ifndef TGCALLD_TG_DC_H
#define TGCALLD_TG_DC_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/crypto/rsa.h"
#include "daemon/net/address.h"

enum { TG_DCS_MAX = 16, TG_DC_ADDRESSES_MAX = 16, TG_DC_KEYS_MAX = 4 };

struct tg_dc {
    int32_t id;           /* 1… */
    int32_t handshake_id; /* as the key exchange carries it: +10000 on test DCs */
    struct net_address addresses[TG_DC_ADDRESSES_MAX];
    size_t addresses_n;
    const struct rsa_key *keys[TG_DC_KEYS_MAX]; /* borrowed */
    size_t keys_n;
};

struct tg_dcs {
    struct tg_dc dcs[TG_DCS_MAX];
    size_t n;
    int32_t first; /* where a login without a known home starts */
};

/* The DC of that id, or NULL. */
const struct tg_dc *tg_dc_find(const struct tg_dcs *dcs, int32_t id);
/* That DC, made where it is new. NULL where TG_DCS_MAX is reached. */
struct tg_dc *tg_dc_get(struct tg_dcs *dcs, int32_t id);
int tg_dc_add_address(struct tg_dc *dc, const char *host, uint16_t port) TGC_MUST;
int tg_dc_add_key(struct tg_dc *dc, const struct rsa_key *key) TGC_MUST;

#endif
