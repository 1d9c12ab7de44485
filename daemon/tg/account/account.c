#include "daemon/tg/account/account.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/follow.h"
#include "daemon/tg/account/note.h"
#include "daemon/tg/account/inside.h"
#include "daemon/tg/account/refresh.h"
#include "daemon/tg/account/request.h"

/* --- the timer --- */

static void on_timer(void *ctx)
{
    struct tg_account *a = ctx;

    a->wake_us = INT64_MAX;
    account_free_retired(a);
    invoke_tick(a);
    account_frozen_tick(a);
    account_standing_tick(a);
    follow_tick(a);
}

void account_wake_at(struct tg_account *a, int64_t at_us)
{
    if (at_us >= a->wake_us)
        return;
    a->wake_us = at_us;
    net_timer_set(a->timer, at_us);
}

/* --- the public part --- */

static void on_noted(void *ctx)
{
    tg_account_note(ctx);
}

int tg_account_new(const struct tg_env *env, const char *name, struct tg_account **ret)
{
    struct tg_account *a = calloc(1, sizeof(*a));
    int err;

    if (!a)
        return TGC_ENOMEM;
    a->env = env;
    a->state = TG_ACCOUNT_WAIT_LOGIN;
    account_count(a, 1);
    a->wake_us = INT64_MAX;
    snprintf(a->name, sizeof(a->name), "%s", name);
    err = tg_known_new(env->schema, env->clock, env->listener, a, &a->known);
    if (!err && env->keeper)
        tg_known_note(a->known, on_noted, a);
    if (!err)
        err = refresh_new(a, &a->refresh);
    if (!err)
        err = follow_new(a);
    if (!err)
        err = net_timer_new(env->loop, on_timer, a, &a->timer);
    if (err) {
        tg_account_free(a);
        return err;
    }
    *ret = a;
    return 0;
}

void tg_account_free(struct tg_account *a)
{
    if (!a)
        return;
    a->closing = true;
    if (a->login)
        a->login_ops->abandon(a);
    invoke_fail_all(a, TGC_ECLOSED, "the account is closed");
    if (a->kept)
        a->end_kept(a->kept);
    account_drop_client(a);
    net_timer_free(a->timer);
    if (a->login)
        a->login_ops->free(a);
    refresh_free(a->refresh);
    follow_free(a);
    floods_clear(&a->floods);
    tg_known_free(a->known);
    json_decref(a->self);
    tg_way_unref(a->way);
    account_count(a, -1);
    free(a);
}

void *tg_account_kept(const struct tg_account *a)
{
    return a->kept;
}

void tg_account_keep(struct tg_account *a, void *kept, void (*end)(void *kept))
{
    a->kept = kept;
    a->end_kept = end;
}

const char *tg_account_name(const struct tg_account *a)
{
    return a->name;
}

enum tg_account_state tg_account_state(const struct tg_account *a)
{
    return a->state;
}

const char *tg_account_reason(const struct tg_account *a)
{
    return a->reason[0] ? a->reason : NULL;
}

const char *tg_account_remedy(const struct tg_account *a)
{
    return a->remedy[0] ? a->remedy : NULL;
}

enum tg_logout tg_account_logout(const struct tg_account *a)
{
    return a->state == TG_ACCOUNT_LOGGED_OUT ? a->logout : TG_LOGOUT_NONE;
}

int64_t tg_account_self_id(const struct tg_account *a)
{
    return a->self_id;
}

const char *tg_account_trouble(const struct tg_account *a)
{
    return a->client ? tg_client_trouble(a->client) : "";
}

bool tg_account_is_online(const struct tg_account *a)
{
    return a->state == TG_ACCOUNT_READY && a->client && tg_client_connection(a->client)->state == TG_CONNECTION_READY;
}

bool tg_account_server_us(const struct tg_account *a, int64_t *ret_us)
{
    return a->client && tg_client_server_us(a->client, ret_us);
}

int64_t tg_account_flood_us(struct tg_account *a, const char *method)
{
    const struct flood_key key = {.method = tl_find_method(a->env->schema, method)};
    const struct flood *flood = key.method ? floods_find(&a->floods, &key, tg_now(a->env)) : NULL;

    return flood ? flood->until_us - tg_now(a->env) : 0;
}

const struct tg_env *tg_account_env(const struct tg_account *a)
{
    return a->env;
}

struct tg_known *tg_account_known(struct tg_account *a)
{
    return a->known;
}

struct tg_peers *tg_account_peers(struct tg_account *a)
{
    return tg_known_peers(a->known);
}

struct tg_calls *tg_account_calls(struct tg_account *a)
{
    return tg_known_calls(a->known);
}

struct tg_way *tg_account_way(const struct tg_account *a)
{
    return a->way;
}

void tg_account_set_way(struct tg_account *a, struct tg_way *way)
{
    tg_way_ref(way); /* it may be the same */
    tg_way_unref(a->way);
    a->way = way;
}

/* Why nothing comes through, and what to do. */
static void put_trouble(const struct tg_account *a, json_t *connection)
{
    const char *trouble = tg_account_trouble(a);
    char remedy[TG_WAY_REMEDY_SIZE];

    if (!trouble[0])
        return;
    json_object_set_new(connection, "reason", json_string(trouble));
    const char *known = a->client ? tg_client_remedy(a->client) : NULL;
    if (!known && a->client && tg_client_has_failed(a->client)) {
        tg_way_remedy(a->way, a->env, a->name, remedy);
        known = remedy[0] ? remedy : NULL;
    }
    if (known)
        json_object_set_new(connection, "remedy", json_string(known));
}

static json_t *connection_json(const struct tg_account *a)
{
    static const char *const texts[TG_CONNECTION_STATES] = {[TG_CONNECTION_OFF] = "off",
                                                            [TG_CONNECTION_WAITING] = "waiting",
                                                            [TG_CONNECTION_DIALING] = "connecting",
                                                            [TG_CONNECTION_EXCHANGING] = "connecting",
                                                            [TG_CONNECTION_READY] = "ready"};
    struct tg_connection c = a->client ? *tg_client_connection(a->client) : (struct tg_connection){0};

    json_t *j = json_pack("{s:s}", "state", texts[c.state]);

    if (c.since_unix)
        json_object_set_new(j, "since", json_integer(c.since_unix));
    put_trouble(a, j);
    return j;
}

json_t *tg_account_json(struct tg_account *a)
{
    json_t *j = json_object();
    char way[PROXY_SHOWN_SIZE];

    json_object_set_new(j, "name", json_string(a->name));
    json_object_set_new(j, "state", json_string(tg_account_state_text(a->state)));
    if (a->reason[0])
        json_object_set_new(j, "reason", json_string(a->reason));
    if (a->remedy[0])
        json_object_set_new(j, "remedy", json_string(a->remedy));
    if (tg_account_logout(a) != TG_LOGOUT_NONE)
        json_object_set_new(j, "logout_confirmed", json_boolean(a->logout == TG_LOGOUT_CONFIRMED));
    if (a->self && a->state != TG_ACCOUNT_WAIT_LOGIN)
        json_object_set(j, "user", a->self);
    json_object_set_new(j, "dc", json_integer(a->home_dc ? a->home_dc : a->env->dcs->first));
    json_object_set_new(j, "environment", json_string(a->env->environment));
    json_object_set_new(j, "layer", json_integer(tl_schema_layer(a->env->schema)));
    if (a->way) {
        tg_way_show(a->way, way);
        json_object_set_new(j, "proxy", json_string(way));
    }
    json_object_set_new(j, "connection", connection_json(a));
    json_object_set_new(j, "flood_waits", floods_json(&a->floods, tg_now(a->env), clock_wall_us(a->env->clock)));
    if (a->login)
        a->login_ops->put_json(a, j);
    return j;
}

/* --- the room of logins --- */

bool account_is_closing(const struct tg_account *a)
{
    return a->closing;
}

bool account_login_is_unsettled(const struct tg_account *a)
{
    return a->login_unsettled;
}

void account_login_settled(struct tg_account *a)
{
    a->login_unsettled = false;
}

static bool has_login(const struct tg_account *a, bool late)
{
    const struct tg_request *r;

    DL_FOREACH (a->requests, r)
        if (r->effect.what == TG_EFFECT_LOGIN && late == (r->state == REQUEST_UNKNOWN || r->state == REQUEST_DONE))
            return true;
    return false;
}

bool account_login_is_asked(const struct tg_account *a)
{
    return has_login(a, false);
}

bool account_login_is_late(const struct tg_account *a)
{
    return has_login(a, true);
}

struct login *account_login(const struct tg_account *a)
{
    return a->login;
}

void account_set_login(struct tg_account *a, struct login *login, const struct account_login_ops *ops)
{
    a->login = login;
    a->login_ops = ops;
}
