#include "api/auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/api_internal.h"
#include "api/clients.h"
#include "api/tls.h"

enum { GROUPS_MAX = 65536 };

static bool is_in_group(int fd, const struct ucred *peer, gid_t gid)
{
    gid_t few[64], *groups = few;
    socklen_t len = sizeof(few);
    bool found = peer->gid == gid;

    if (found)
        return true;
    int got = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len);
    if (got < 0 && len > sizeof(few) && len <= GROUPS_MAX * sizeof(gid_t)) {
        /* ERANGE: LEN now says how much is needed. */
        groups = malloc(len);
        if (!groups)
            return false;
        got = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len);
    }
    for (size_t i = 0; got == 0 && i < len / sizeof(gid_t); i++)
        found = found || groups[i] == gid;
    if (groups != few)
        free(groups);
    return found;
}

static void check_peer(struct request *r)
{
    const struct api_config *config = &r->api->config;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct ucred peer;
    socklen_t len = sizeof(peer);

    if (!info || getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0 || len != sizeof(peer))
        return;
    if (peer.uid == 0 || peer.uid == geteuid())
        r->grant.scopes = SCOPE_ALL;
    else if (config->unix_gid != (gid_t)-1 && is_in_group(info->connect_fd, &peer, config->unix_gid))
        r->grant.scopes = config->unix_scopes & SCOPE_ADMIN ? (unsigned)SCOPE_ALL : config->unix_scopes;
    r->authed = r->grant.scopes != 0;
    snprintf(r->grant.name, sizeof(r->grant.name), "uid %u", (unsigned)peer.uid);
    memcpy(r->grant.id, r->grant.name, sizeof(r->grant.id));
}

static void check_client(struct request *r)
{
    struct conn *conn = r->conn;

    if (!conn->client)
        conn->client = client_memo_new();
    r->authed = conn->client && clients_check(r->api->clients, conn->client, conn->tls, &r->grant);
    r->is_by_certificate = r->authed;
}

bool auth_is_by_certificate(const struct request *r)
{
    return r->is_by_certificate;
}

bool auth_is_by_uid(const struct request *r)
{
    return r->door->listener->is_unix && !http_request_header(r, "Authorization");
}

const char *auth_token(const struct request *r)
{
    const char *given = http_request_header(r, "Authorization");

    if (!given || strncasecmp(given, "Bearer ", 7) != 0)
        return NULL;
    given += 7;
    return given + strspn(given, " ");
}

void auth_check(struct request *r)
{
    const char *token = auth_token(r);

    if (auth_is_by_uid(r))
        check_peer(r);
    else if (r->conn->tls && !http_request_header(r, "Authorization"))
        check_client(r);
    if (token)
        r->authed = tokens_check_again(r->api->config.tokens, &r->conn->token, token, strlen(token), &r->grant);
}

int64_t auth_wait_us(struct request *r)
{
    const struct api_config *c = &r->api->config;

    if (c->token_rate == 0 || !r->authed || auth_is_by_uid(r))
        return 0;
    struct token_use *use = auth_is_by_certificate(r) ? r->conn->client->use : r->conn->token.use;
    if (!use)
        return 0;
    return token_use_wait_us(use, clock_mono_us(c->clock), c->token_rate);
}

bool auth_holds(struct request *r)
{
    const struct api *api = r->api;
    const char *token = auth_token(r);

    if (auth_is_by_uid(r))
        return true;
    if (auth_is_by_certificate(r))
        return clients_hold(api->clients, r->conn->client, r->conn->tls, r->grant.scopes, r->grant.accounts);
    return token &&
           tokens_holds(api->config.tokens, &r->conn->token, token, strlen(token), r->grant.scopes, r->grant.accounts);
}

bool auth_stranger(const struct request *r, struct tls_client *ret)
{
    return !r->authed && r->conn->tls && !http_request_header(r, "Authorization") &&
           tls_client(r->conn->tls, r->api->tls_keys, ret);
}
