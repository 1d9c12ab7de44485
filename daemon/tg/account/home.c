/* The account's home: its data centre, and its connection there. */
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/log.h"
#include "daemon/tg/account/account.h"
#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/note.h"
#include "daemon/tg/account/inside.h"

/* --- the client's events --- */

static void on_result(void *ctx, uint64_t request, const uint8_t *data, size_t len)
{
    struct tg_account *a = ctx;
    bool is_first = !a->was_answered;

    a->was_answered = true;
    invoke_on_result(a, request, data, len);
    /* Where the answer was the end of the login there is nobody to ask by. */
    if (is_first && a->client)
        tg_account_look_at_config(a);
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
    struct tg_account *a = ctx;

    account_missed_updates(a);
    if (a->was_answered)
        account_session_is_new(a);
}

static void keys_changed(struct tg_account *a)
{
    const struct tg_listener *listener = a->env->listener;

    if (listener && listener->keys_changed)
        listener->keys_changed(listener->ctx, a);
}

static void on_key_made(void *ctx, const struct tg_made_key *made, struct tg_commit *commit)
{
    struct tg_account *a = ctx;
    const struct tg_keeper *keeper = a->env->keeper;

    keys_changed(a);
    if (!keeper) {
        tg_commit_done(commit, 0, NULL);
        return;
    }
    tg_account_note(a); /* which key is its own */
    keeper->keep_key(keeper->ctx, a, made, commit);
}

static void drop_kept_key(struct tg_account *a, int32_t dc)
{
    const struct tg_keeper *keeper = a->env->keeper;

    if (keeper)
        keeper->drop_key(keeper->ctx, a, dc);
}

static void on_speaking(void *ctx)
{
    invoke_send_waiting(ctx);
}

static void on_key_lost(void *ctx)
{
    struct tg_account *a = ctx;

    if (a->is_foreign) {
        account_let_go(a, "Telegram does not know the key of its session: it was ended, or is of other servers");
        return;
    }
    invoke_unsend_all(a);
    if (account_is_inside(a))
        account_end_login(a, TG_ACCOUNT_REVOKED, "Telegram no longer knows this account's key",
                          "Log in again with POST /v1/accounts/{account}/login");
}

static void on_link_lost(void *ctx)
{
    account_link_lost(ctx);
    account_standing_doubted(ctx);
}

static const struct tg_client_handlers client_handlers = {on_result,      on_error,    on_failed,   on_update,
                                                          on_new_session, on_key_made, on_speaking, on_key_lost,
                                                          on_link_lost,   on_speaking};

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
    a->was_answered = false;
    if (!a->home_dc)
        a->home_dc = a->env->dcs->first;
    if (!has_former(a) || a->former.dc != a->home_dc)
        return tg_client_new(a->env, a->home_dc, a->way, NULL, &client_handlers, a, &a->client);
    struct tg_given_key given = {.key = a->former.key->key, .salt = a->former.salt, .is_new = a->former.is_new};
    int err = tg_client_new(a->env, a->home_dc, a->way, &given, &client_handlers, a, &a->client);
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
    unsigned leaving_n = 0;

    for (unsigned i = 0; i < a->retired_n; i++) {
        if (tg_client_is_leaving(a->retired[i]))
            a->retired[leaving_n++] = a->retired[i];
        else
            tg_client_free(a->retired[i]);
    }
    a->retired_n = leaving_n;
    if (leaving_n)
        account_wake_at(a, tg_now(a->env) + TG_CLIENT_LEAVE_US);
}

void account_drop_client(struct tg_account *a)
{
    tg_client_free(a->client);
    a->client = NULL;
    while (a->retired_n > 0)
        tg_client_free(a->retired[--a->retired_n]);
    forget_former(a);
}

void tg_account_go_its_way(struct tg_account *a)
{
    if (a->client)
        tg_client_go_by(a->client, a->way);
    /* Those that are leaving have said what they had to. */
    while (a->retired_n > 0)
        tg_client_free(a->retired[--a->retired_n]);
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
    keys_changed(a);
    account_session_is_new(a);
    if (err) /* the next request tries again, by the same key */
        log_warning("tg", "account %s: %s", a->name, tgc_err_text(err));
}

void account_stay(struct tg_account *a)
{
    int32_t dc = a->former.dc;

    if (!has_former(a))
        return;
    forget_former(a);
    keys_changed(a);
    tg_account_note(a);
    if (dc != a->home_dc)
        drop_kept_key(a, dc);
}

void account_disconnect(struct tg_account *a, const char *why)
{
    invoke_unsend_all(a);
    retire_client(a);
    forget_former(a);
    a->is_foreign = false;
    keys_changed(a);
    drop_kept_key(a, 0);
    invoke_fail_all(a, TGC_ESTATE, why);
}

void account_let_go(struct tg_account *a, const char *why)
{
    a->login_unsettled = false;
    account_disconnect(a, why);
}

bool account_key(const struct tg_account *a, int32_t *ret_dc, struct tg_given_key *ret)
{
    /* Of a login that is being moved the key from before still is the one. */
    if (has_former(a)) {
        *ret_dc = a->former.dc;
        *ret = (struct tg_given_key){.key = a->former.key->key, .salt = a->former.salt};
        return true;
    }
    *ret_dc = a->home_dc;
    return a->client && tg_client_key(a->client, ret);
}

size_t tg_account_key_ids(const struct tg_account *a, uint64_t ret[static TG_ACCOUNT_KEYS_MAX])
{
    size_t n = 0;

    if (a->client && tg_client_key_id(a->client, &ret[n]))
        n++;
    if (has_former(a))
        ret[n++] = le64_load(a->former.key->id);
    return n;
}
