/* The account's home: its data centre, and its connection there. */
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/inside.h"

/* --- the client's events --- */

static void on_result(void *ctx, uint64_t request, const uint8_t *data, size_t len)
{
    invoke_on_result(ctx, request, data, len);
}

static void on_error(void *ctx, uint64_t request, const struct mt_rpc_error *error)
{
    invoke_on_error(ctx, request, error);
}

static void on_failed(void *ctx, uint64_t request, int err)
{
    invoke_on_failed(ctx, request, err);
}

static void on_update(void *ctx, const uint8_t *data, size_t len)
{
    account_on_update(ctx, data, len);
}

static void on_new_session(void *ctx)
{
    account_missed_updates(ctx);
}

/* Nothing outlives the process: there is nowhere to keep it but here. */
static void on_key_made(void *ctx, const struct tg_made_key *made, struct tg_commit *commit)
{
    (void)ctx;
    (void)made;
    tg_commit_done(commit, 0, NULL);
}

static void on_session(void *ctx)
{
    invoke_send_waiting(ctx);
}

static void on_key_lost(void *ctx)
{
    struct tg_account *a = ctx;

    invoke_unsend_all(a);
    if (account_is_inside(a))
        account_end_login(a, TG_ACCOUNT_REVOKED, "Telegram no longer knows this account's key",
                          "Log in again with POST /v1/accounts/{account}/login");
}

static void on_link_lost(void *ctx)
{
    account_link_lost(ctx);
}

static const struct tg_client_handlers client_handlers = {
    on_result, on_error, on_failed, on_update, on_new_session, on_key_made, on_session, on_key_lost, on_link_lost};

/* --- the connection --- */

static bool has_former(const struct tg_account *a)
{
    return a->former.key != NULL;
}

static void forget_former(struct tg_account *a)
{
    mt_auth_key_free(a->former.key);
    a->former = (struct account_former){0};
}

int account_connect(struct tg_account *a)
{
    if (a->client)
        return 0;
    if (!a->home_dc)
        a->home_dc = a->env->dcs->first;
    if (!has_former(a) || a->former.dc != a->home_dc)
        return tg_client_new(a->env, a->home_dc, NULL, &client_handlers, a, &a->client);
    struct tg_given_key given = {.key = a->former.key->key, .salt = a->former.salt};
    int err = tg_client_new(a->env, a->home_dc, &given, &client_handlers, a, &a->client);
    if (!err)
        forget_former(a);
    return err;
}

/* The client may be in the middle of an event: it is closed now and freed from the timer. */
static void retire_client(struct tg_account *a)
{
    if (!a->client)
        return;
    tg_client_retire(a->client);
    account_link_lost(a);
    /* A move and the way back may come from one event; what is older than these is not in one any more. */
    if (a->retired_n == ACCOUNT_RETIRED_MAX) {
        tg_client_free(a->retired[0]);
        memmove(&a->retired[0], &a->retired[1], --a->retired_n * sizeof(a->retired[0]));
    }
    a->retired[a->retired_n++] = a->client;
    a->client = NULL;
    account_wake_at(a, 0);
}

void account_free_retired(struct tg_account *a)
{
    while (a->retired_n > 0)
        tg_client_free(a->retired[--a->retired_n]);
}

void account_drop_client(struct tg_account *a)
{
    tg_client_free(a->client);
    a->client = NULL;
    account_free_retired(a);
    forget_former(a);
}

/* --- moving --- */

/* Of several moves, the way back leads to where the first began. */
static int keep_former(struct tg_account *a)
{
    struct tg_given_key now;

    if (has_former(a) || !a->client || !tg_client_key(a->client, &now))
        return 0;
    a->former = (struct account_former){.dc = a->home_dc, .key = mt_auth_key_new(now.key), .salt = now.salt};
    return a->former.key ? 0 : TGC_ENOMEM;
}

static int go(struct tg_account *a, int32_t dc)
{
    log_info("tg", "account %s: moves to DC %d", a->name, dc);
    invoke_unsend_all(a);
    retire_client(a);
    a->home_dc = dc;
    return account_connect(a);
}

int account_move(struct tg_account *a, int32_t dc)
{
    if (!tg_dc_find(a->env->dcs, dc))
        return TGC_EUNKNOWN;
    int err = keep_former(a);
    return err ? err : go(a, dc);
}

void account_move_back(struct tg_account *a)
{
    if (!has_former(a))
        return;
    int err = go(a, a->former.dc);
    if (err) /* the next request tries again, by the same key */
        log_warning("tg", "account %s: %s", a->name, tgc_err_text(err));
}

void account_stay(struct tg_account *a)
{
    forget_former(a);
}

void account_disconnect(struct tg_account *a, const char *why)
{
    invoke_unsend_all(a);
    retire_client(a);
    forget_former(a);
    invoke_fail_all(a, TGC_ESTATE, why);
}
