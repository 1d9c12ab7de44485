#include "daemon/net/lookup.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/net/loop_internal.h"

/* libuv still owns it after it was dropped (DONE is NULL then): its own callback frees it. */
struct net_lookup {
    uv_getaddrinfo_t uv;
    net_looked_up_fn *done;
    void *ctx;
};

static void on_looked_up(uv_getaddrinfo_t *uv, int status, struct addrinfo *found)
{
    struct net_lookup l = *(struct net_lookup *)uv;

    free(uv);
    if (l.done)
        l.done(l.ctx, status, found);
    else
        uv_freeaddrinfo(found);
}

int net_look_up(struct net_loop *loop, const struct net_address *address, net_looked_up_fn *done, void *ctx,
                struct net_lookup **ret_lookup, struct addrinfo **ret_found)
{
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    char port[8];

    snprintf(port, sizeof(port), "%u", address->port);
    if (getaddrinfo(address->host, port, &hints, ret_found) == 0)
        return 0;
    struct net_lookup *l = calloc(1, sizeof(*l));
    if (!l)
        return UV_ENOMEM;
    hints.ai_flags = AI_NUMERICSERV;
    l->done = done;
    l->ctx = ctx;
    int status = uv_getaddrinfo(&loop->uv, &l->uv, on_looked_up, address->host, port, &hints);
    if (status < 0)
        free(l);
    else
        *ret_lookup = l;
    return status;
}

void net_lookup_drop(struct net_lookup *l)
{
    if (!l)
        return;
    l->done = NULL;
    uv_cancel((uv_req_t *)&l->uv);
}

void net_lookup_why(const struct net_address *address, int status, char *out, size_t size)
{
    snprintf(out, size, "the look-up of the name %.80s failed: %.40s", address->host,
             status == UV_ETIMEDOUT ? "no answer in time" : uv_strerror(status));
}

void net_sockaddr_name(const struct sockaddr *sa, char out[static NET_NAME_SIZE])
{
    char host[64] = "";

    uv_ip_name(sa, host, sizeof(host));
    if (sa->sa_family == AF_INET6)
        snprintf(out, NET_NAME_SIZE, "[%s]:%u", host,
                 ntohs(((const struct sockaddr_in6 *)(const void *)sa)->sin6_port));
    else
        snprintf(out, NET_NAME_SIZE, "%s:%u", host, ntohs(((const struct sockaddr_in *)(const void *)sa)->sin_port));
}
