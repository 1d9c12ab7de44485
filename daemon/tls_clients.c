#include "daemon/tls_clients.h"

#include <stdlib.h>

#include "daemon/base/log.h"
#include "daemon/bridge/scope.h"

static struct api_client client_of(const struct settings_client *c)
{
    struct api_client client = {
        .name = c->name, .subject = c->subject, .accounts = (const char *const *)c->accounts.items};

    for (size_t i = 0; i < c->scopes.n; i++)
        client.scopes |= scope_parse(c->scopes.items[i]);
    return client;
}

int tls_clients_apply(struct api *api, const struct settings *s)
{
    struct api_client *all = calloc(s->clients_n + 1, sizeof(*all));
    int err = all ? 0 : TGC_ENOMEM;

    for (size_t i = 0; i < s->clients_n && !err; i++)
        all[i] = client_of(&s->clients[i]);
    if (!err)
        err = api_set_clients(api, all, s->clients_n);
    free(all);
    if (err)
        log_error("main", "the clients of the configuration: out of memory");
    return err;
}
