/* Login by QR code: one key shows a token, an account that is logged in elsewhere accepts it. A token is good for one
 * login; what accepts it decides the data centre where that ends. */
#include <string.h>

#include "daemon/sandbox/rpc/rpc.h"
#include "daemon/sandbox/rpc/view.h"

enum { TOKEN_LIFE_S = 30, ACCEPTED_LIFE_S = 300 };

static struct world_login *by_key(const struct rpc *r)
{
    for (size_t i = 0; i < WORLD_LOGINS; i++) {
        struct world_login *l = &r->w->logins[i];
        if (l->key_id == r->account->key_id && l->dc == r->account->dc && l->expires > world_now(r->w))
            return l;
    }
    return NULL;
}

/* The token in PARAMS; NULL with the error set. */
static struct world_login *by_token(struct rpc *r, const json_t *params)
{
    uint8_t token[32];
    size_t len;

    if (json_get_bytes(params, "token", token, sizeof(token), &len) || len != sizeof(token))
        return rpc_fail(r, 400, "AUTH_TOKEN_INVALID"), NULL;
    for (size_t i = 0; i < WORLD_LOGINS; i++) {
        struct world_login *l = &r->w->logins[i];
        if (!l->key_id || memcmp(l->token, token, len) != 0)
            continue;
        if (l->expires <= world_now(r->w))
            return rpc_fail(r, 400, "AUTH_TOKEN_EXPIRED"), NULL;
        return l;
    }
    return rpc_fail(r, 400, "AUTH_TOKEN_INVALID"), NULL;
}

static json_t *succeed(struct rpc *r, struct world_user *user)
{
    json_t *authorization = rpc_log_in(r, user);

    return authorization ? json_pack("{s:s, s:o}", "_", "auth.loginTokenSuccess", "authorization", authorization)
                         : NULL;
}

static struct world_login *new_login(struct rpc *r, const json_t *params)
{
    struct world_login *l = &r->w->logins[r->w->logins_at++ % WORLD_LOGINS];
    const json_t *except = json_object_get(params, "except_ids");

    *l = (struct world_login){.key_id = r->account->key_id,
                              .dc = r->account->dc,
                              .api_id = (int)json_get_long(params, "api_id"),
                              .expires = world_now(r->w) + TOKEN_LIFE_S};
    random_fill(r->w->random, l->token, sizeof(l->token));
    for (size_t i = 0; i < json_array_size(except) && i < sizeof(l->except) / sizeof(*l->except); i++)
        l->except[i] = json_as_long(json_array_get(except, i));
    return l;
}

/* The same token until it expires, whoever asks how often; once it is accepted, the login. */
static json_t *export_token(struct rpc *r, const json_t *params)
{
    struct world_login *l = by_key(r);
    struct world_user *user = l ? l->user : NULL;

    if (json_get_long(params, "api_id") <= 0)
        return rpc_fail(r, 400, "API_ID_INVALID");
    if (user && user->home_dc != r->account->dc)
        return json_pack("{s:s, s:i, s:o}", "_", "auth.loginTokenMigrateTo", "dc_id", user->home_dc, "token",
                         json_from_bytes(l->token, sizeof(l->token)));
    if (user) {
        *l = (struct world_login){0};
        return succeed(r, user);
    }
    if (!l)
        l = new_login(r, params);
    return json_pack("{s:s, s:I, s:o}", "_", "auth.loginToken", "expires", (json_int_t)l->expires, "token",
                     json_from_bytes(l->token, sizeof(l->token)));
}

/* The other half of loginTokenMigrateTo, on the account's own data centre. */
static json_t *import_token(struct rpc *r, const json_t *params)
{
    struct world_login *l = by_token(r, params);
    struct world_user *user = l ? l->user : NULL;

    if (!l)
        return NULL;
    if (!user || user->home_dc != r->account->dc)
        return rpc_fail(r, 400, "AUTH_TOKEN_INVALID");
    *l = (struct world_login){0};
    return succeed(r, user);
}

static json_t *session_of(const struct rpc *r, const struct world_login *l)
{
    int now = world_now(r->w);

    return json_pack("{s:s, s:I, s:s, s:s, s:s, s:i, s:s, s:s, s:i, s:i, s:s, s:s, s:s}", "_", "authorization", "hash",
                     (json_int_t)(l->key_id >> 1), "device_model", "", "platform", "", "system_version", "", "api_id",
                     l->api_id, "app_name", "", "app_version", "", "date_created", now, "date_active", now, "ip",
                     "127.0.0.1", "country", "", "region", "");
}

static json_t *accept_token(struct rpc *r, const json_t *params)
{
    struct world_login *l = by_token(r, params);

    if (!l)
        return NULL;
    if (l->user)
        return rpc_fail(r, 400, "AUTH_TOKEN_ALREADY_ACCEPTED");
    for (size_t i = 0; i < sizeof(l->except) / sizeof(*l->except); i++)
        if (l->except[i] == r->user->id)
            return rpc_fail(r, 400, "AUTH_TOKEN_EXCEPTION");
    l->user = r->user;
    l->expires = world_now(r->w) + ACCEPTED_LIFE_S;
    json_t *update = json_pack("{s:s, s:{s:s}, s:i}", "_", "updateShort", "update", "_", "updateLoginToken", "date",
                               world_now(r->w));
    world_push_key(r->w, l->dc, l->key_id, update);
    json_decref(update);
    return session_of(r, l);
}

const struct rpc_row rpc_login_token_rows[] = {
    {"auth.exportLoginToken", export_token, RPC_PUBLIC},
    {"auth.importLoginToken", import_token, RPC_PUBLIC},
    {"auth.acceptLoginToken", accept_token, 0},
    {NULL, NULL, 0},
};
