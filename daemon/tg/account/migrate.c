#include "daemon/tg/account/migrate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/inside.h"
#include "daemon/tg/account/invoke.h"
#include "daemon/tl/tree.h"

/* The account stays as it is, what waited is told. */
static void give_up(struct tg_account *a)
{
    char why[96];

    snprintf(why, sizeof(why), "Telegram moved the account to data centre %d, which did not take it", a->moving_to);
    log_warning("tg", "account %s: %s", a->name, why);
    a->moving_to = 0;
    invoke_fail_all(a, TGC_EPROTO, why);
}

/* The account itself went on to something else: a logout, its end. */
static bool was_called_off(const struct tg_answer *answer)
{
    return answer->outcome == TG_NO_ANSWER && (answer->err == TGC_ECLOSED || answer->err == TGC_ESTATE);
}

/* So long after a move that failed the account does not try again by itself; doubled by each. */
enum { STAY_S = 60, STAY_DOUBLINGS = 6 };

static void stay_for_now(struct tg_account *a)
{
    a->stays_until_us = tg_now(a->env) + (STAY_S * SECOND_US << a->moves_failed);
    if (a->moves_failed < STAY_DOUBLINGS)
        a->moves_failed++;
}

/* The old home knows the login still: the account goes back, and says why. What waits is sent there, and sent on by
 * Telegram again; where the new home said no to the login itself, who waits is told. */
static void go_back(struct tg_account *a, const struct tg_answer *answer)
{
    bool is_refused = answer->outcome == TG_RPC_ERROR;
    char why[320];

    snprintf(why, sizeof(why), "Telegram moved the account to data centre %d, which did not take it: %.200s",
             a->home_dc, is_refused ? answer->error->message : answer->detail);
    stay_for_now(a);
    account_move_back(a);
    if (a->state == TG_ACCOUNT_READY)
        account_set_state(a, TG_ACCOUNT_READY, why, "The next request tries again");
    if (is_refused)
        invoke_fail_all(a, TGC_EPROTO, why);
    else
        invoke_send_waiting(a);
}

static void on_imported(void *ctx, const struct tg_answer *answer)
{
    struct tg_account *a = ctx;

    a->moving_to = 0;
    if (was_called_off(answer))
        return;
    if (answer->outcome != TG_RESULT) {
        go_back(a, answer);
        return;
    }
    a->stays_until_us = a->moves_failed = 0;
    account_stay(a);
    if (a->state == TG_ACCOUNT_READY)
        account_set_state(a, TG_ACCOUNT_READY, NULL, NULL);
    account_missed_updates(a);
    account_session_is_new(a);
    invoke_send_waiting(a);
}

static int import(struct tg_account *a, const json_t *exported)
{
    struct fault fault = {0};
    json_t *params =
        json_pack("{s:O, s:O}", "id", json_object_get(exported, "id"), "bytes", json_object_get(exported, "bytes"));
    int err = account_move(a, a->moving_to);

    if (err) {
        json_decref(params);
        return err;
    }
    return tg_invoke_named(a, "auth.importAuthorization", params, tg_now(a->env) + a->env->request_timeout_us,
                           TG_INVOKE_MOVE, on_imported, a, &fault);
}

static void on_exported(void *ctx, const struct tg_answer *answer)
{
    struct tg_account *a = ctx;
    struct fault fault = {0};
    json_t *exported = NULL;

    if (was_called_off(answer)) {
        a->moving_to = 0;
        return;
    }
    if (answer->outcome != TG_RESULT ||
        tl_tree_result(a->env->schema, answer->method, answer->data, answer->len, &exported, NULL, &fault) != 0) {
        give_up(a);
        return;
    }
    int err = import(a, exported);
    json_decref(exported);
    if (err) {
        account_move_back(a);
        give_up(a);
    }
}

int migrate_begin(struct tg_account *a, int32_t dc)
{
    struct fault fault = {0};

    if (a->moving_to)
        return 0;
    if (a->state != TG_ACCOUNT_READY)
        return TGC_ESTATE;
    if (!tg_dc_find(a->env->dcs, dc) || dc == a->home_dc)
        return TGC_EUNKNOWN;
    a->moving_to = dc;
    int err = tg_invoke_named(a, "auth.exportAuthorization", json_pack("{s:i}", "dc_id", (int)dc),
                              tg_now(a->env) + a->env->request_timeout_us, TG_INVOKE_MOVE, on_exported, a, &fault);
    if (err)
        a->moving_to = 0;
    return err;
}
