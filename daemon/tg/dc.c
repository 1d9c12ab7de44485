#include "daemon/tg/dc.h"

#include <stdio.h>

const struct tg_dc *tg_dc_find(const struct tg_dcs *dcs, int32_t id)
{
    for (size_t i = 0; i < dcs->n; i++)
        if (dcs->dcs[i].id == id)
            return &dcs->dcs[i];
    return NULL;
}

struct tg_dc *tg_dc_get(struct tg_dcs *dcs, int32_t id)
{
    for (size_t i = 0; i < dcs->n; i++)
        if (dcs->dcs[i].id == id)
            return &dcs->dcs[i];
    if (dcs->n == TG_DCS_MAX)
        return NULL;
    struct tg_dc *dc = &dcs->dcs[dcs->n++];
    *dc = (struct tg_dc){.id = id, .handshake_id = id};
    return dc;
}

int tg_dc_add_address(struct tg_dc *dc, const char *host, uint16_t port)
{
    struct net_address *a = &dc->addresses[dc->addresses_n];

    if (dc->addresses_n == TG_DC_ADDRESSES_MAX)
        return TGC_ELIMIT;
    if ((size_t)snprintf(a->host, sizeof(a->host), "%s", host) >= sizeof(a->host))
        return TGC_ELIMIT;
    a->port = port;
    dc->addresses_n++;
    return 0;
}

int tg_dc_add_key(struct tg_dc *dc, const struct rsa_key *key)
{
    if (dc->keys_n == TG_DC_KEYS_MAX)
        return TGC_ELIMIT;
    dc->keys[dc->keys_n++] = key;
    return 0;
}
