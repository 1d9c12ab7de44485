#include "api/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "api/addresses.h"
#include "api/api_internal.h"
#include "api/clients.h"
#include "api/front.h"
#include "api/listen.h"
#include "api/tls_keys.h"
#include "daemon/base/address.h"

static char *line_of(const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT), *line = NULL;

    if (!text || asprintf(&line, "%s\n", text) < 0)
        line = NULL;
    free(text);
    return line;
}

/* What is read away from is no connection any more, and still a descriptor. */
static unsigned drained_max(const struct api_config *config)
{
    return 1 + config->connections_max / 8;
}

int api_new(const struct api_config *config, struct api **ret, struct fault *fault)
{
    struct api *api = calloc(1, sizeof(*api));

    if (!api)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    api->config = *config;
    api->version_text = line_of(config->version);
    api->tls_keys = tls_keys_new();
    api->addresses = addresses_new();
    api->clients = api->tls_keys ? clients_new(api->tls_keys) : NULL;
    int err =
        api->version_text && api->addresses && api->clients ? drain_new(drained_max(config), &api->drain) : TGC_ENOMEM;
    if (err) {
        api_free(api);
        return fault_set(fault, err, "%s",
                         err == TGC_ESYSTEM ? "no thread or descriptor is to be had" : tgc_err_text(err));
    }
    *ret = api;
    return 0;
}

/* A row for one more listener. */
static struct listener *next_listener(struct api *api, struct fault *fault)
{
    if (api->listeners_count < API_LISTENERS_MAX)
        return &api->listeners[api->listeners_count];
    fault_set(fault, TGC_ELIMIT, "at most %d listeners", API_LISTENERS_MAX);
    return NULL;
}

static int listen_tcp_or_tls(struct api *api, const char *address, bool is_tls, char *ret_url, size_t ret_size,
                             struct fault *fault)
{
    struct listener *l = next_listener(api, fault);

    if (!l)
        return TGC_ELIMIT;
    *l = (struct listener){.is_tls = is_tls};
    int err = listen_tcp(address, l, ret_url, ret_size, fault);
    if (!err)
        api->listeners_count++;
    return err;
}

int api_listen_tcp(struct api *api, const char *address, char *ret_url, size_t ret_size, struct fault *fault)
{
    return listen_tcp_or_tls(api, address, false, ret_url, ret_size, fault);
}

int api_listen_tls(struct api *api, const char *address, char *ret_url, size_t ret_size, struct fault *fault)
{
    return listen_tcp_or_tls(api, address, true, ret_url, ret_size, fault);
}

int api_read_tls(struct api *api, const struct api_tls_files *files, int64_t *ret_end, struct fault *fault)
{
    int err = tls_keys_read(api->tls_keys, files, fault);

    clients_look_again(api->clients);
    if (ret_end)
        *ret_end = tls_keys_end(api->tls_keys);
    return err;
}

int api_set_clients(struct api *api, const struct api_client *clients, size_t n)
{
    return clients_set(api->clients, clients, n);
}

int api_check_tls(const struct api_tls_files *files, struct fault *fault)
{
    struct tls_keys *keys = tls_keys_new();
    int err = keys ? tls_keys_read(keys, files, fault) : fault_set(fault, TGC_ENOMEM, "out of memory");

    tls_keys_free(keys);
    return err;
}

int api_listen_unix(struct api *api, const char *path, mode_t mode, gid_t gid, struct fault *fault)
{
    struct listener *l = next_listener(api, fault);

    if (!l)
        return TGC_ELIMIT;
    *l = (struct listener){0};
    int err = listen_unix(path, mode, gid, l, fault);
    if (!err)
        api->listeners_count++;
    return err;
}

int api_listen_passed(struct api *api, int fd, bool is_tls, char *ret_url, size_t ret_size, struct fault *fault)
{
    struct listener *l = next_listener(api, fault);

    if (!l)
        return TGC_ELIMIT;
    *l = (struct listener){.is_tls = is_tls};
    int err = listen_passed(fd, l, ret_url, ret_size, fault);
    if (!err)
        api->listeners_count++;
    return err;
}

static bool is_outside(const struct listener *l)
{
    struct sockaddr_storage any = {0};
    socklen_t len = sizeof(any);

    return !l->is_unix && getsockname(l->fd, (struct sockaddr *)&any, &len) == 0 &&
           !address_is_loopback((const struct sockaddr *)&any);
}

void api_quiesce(struct api *api)
{
    atomic_store(&api->stopping, true);
    for (size_t i = 0; i < api->fronts_n; i++)
        front_wake(api->fronts[i]);
}

int api_start(struct api *api, size_t loops, struct fault *fault)
{
    int err = 0;

    api->fronts = calloc(loops, sizeof(struct front *));
    if (!api->fronts)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    for (size_t i = 0; i < api->listeners_count; i++)
        api->listeners[i].is_outside = is_outside(&api->listeners[i]);
    while (api->fronts_n < loops && !err) {
        err = front_new(api, loops, &api->fronts[api->fronts_n], fault);
        if (!err)
            api->fronts_n++;
    }
    return err;
}

struct guest *api_guest(struct api *api, size_t i)
{
    return front_guest(api->fronts[i]);
}

void api_free(struct api *api)
{
    if (!api)
        return;
    for (size_t i = 0; i < api->fronts_n; i++)
        front_free(api->fronts[i]);
    free(api->fronts);
    for (size_t i = 0; i < api->listeners_count; i++)
        listen_close(&api->listeners[i]);
    if (api->drain)
        drain_free(api->drain);
    clients_free(api->clients);
    tls_keys_free(api->tls_keys);
    addresses_free(api->addresses);
    free(api->version_text);
    free(api);
}
