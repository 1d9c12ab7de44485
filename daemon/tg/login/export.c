#include "daemon/tg/login/export.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "daemon/tg/account/inside.h"

/* How well other programs can do with an address. */
static int rank(const struct net_address *address)
{
    uint8_t ip[16];

    return inet_pton(AF_INET, address->host, ip) == 1 ? 2 : inet_pton(AF_INET6, address->host, ip) == 1 ? 1 : 0;
}

static void put_address(const struct tg_dc *dc, struct session_string *s)
{
    const struct net_address *best = NULL;

    for (size_t i = 0; dc && i < dc->addresses_n; i++)
        if (!best || rank(&dc->addresses[i]) > rank(best))
            best = &dc->addresses[i];
    if (!best || strlen(best->host) >= sizeof(s->address))
        return;
    strcpy(s->address, best->host);
    s->port = best->port;
}

int tg_export(struct tg_account *a, struct session_string *ret, struct fault *fault)
{
    const struct tg_env *env = tg_account_env(a);
    struct tg_given_key key;
    int32_t dc;

    if (!account_is_inside(a))
        return fault_set(fault, TGC_ESTATE, "the account is not logged in: it is %s",
                         tg_account_state_text(tg_account_state(a)));
    if (!account_key(a, &dc, &key))
        return fault_set(fault, TGC_ESTATE, "the account has no key");
    *ret = (struct session_string){.dc = dc,
                                   .user_id = tg_account_self_id(a),
                                   .api_id = env->api_id,
                                   .test = strcmp(env->environment, "test") == 0 ? SESSION_YES : SESSION_NO,
                                   .bot = SESSION_NO};
    memcpy(ret->key, key.key, sizeof(ret->key));
    put_address(tg_dc_find(env->dcs, dc), ret);
    return 0;
}
