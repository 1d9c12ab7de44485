/* A freeze can end, and Telegram does not say so by itself: the app's configuration has its dates. Looked at once an
 * hour while the account is frozen, and when somebody wants more of it than reads. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/inside.h"
#include "daemon/tg/account/invoke.h"
#include "daemon/tl/tree.h"

enum { CHECK_S = 3600, ON_DEMAND_S = 60 };

static double number_of(const json_t *config, const char *key)
{
    const json_t *pairs = json_object_get(config, "value"), *pair;
    size_t i;

    json_array_foreach (pairs, i, pair) {
        const char *name = json_string_value(json_object_get(pair, "key"));
        if (name && strcmp(name, key) == 0)
            return json_number_value(json_object_get(json_object_get(pair, "value"), "value"));
    }
    return 0;
}

void account_frozen_hear(struct tg_account *a, const struct tl_comb *method, const void *data, size_t len)
{
    json_t *tree = NULL;

    if (a->state != TG_ACCOUNT_FROZEN || strcmp(method->name, "help.getAppConfig") != 0 ||
        tl_tree_result(a->env->schema, method, data, len, &tree, NULL, NULL) != 0)
        return;
    /* help.appConfig, or, in older layers, the object itself. */
    const json_t *config = json_object_get(tree, "config") ? json_object_get(tree, "config") : tree;
    const char *name = json_string_value(json_object_get(config, "_"));
    if (name && strcmp(name, "jsonObject") == 0 && number_of(config, "freeze_since_date") == 0)
        (void)account_set_state(a, TG_ACCOUNT_READY, NULL, NULL);
    json_decref(tree);
}

static void on_config(void *ctx, const struct tg_answer *answer)
{
    struct tg_account *a = ctx;

    if (answer->outcome == TG_RESULT)
        account_frozen_hear(a, answer->method, answer->data, answer->len);
}

static void check(struct tg_account *a)
{
    const struct tl_comb *method = tl_find_method(a->env->schema, "help.getAppConfig");
    int64_t now = tg_now(a->env);
    struct fault fault;

    a->freeze_checked_us = now;
    account_wake_at(a, now + CHECK_S * SECOND_US);
    if (!method)
        return;
    json_t *params = method->params_n ? json_pack("{s:i}", "hash", 0) : json_object();
    if (tg_invoke_named(a, method->name, params, now + a->env->request_timeout_us, 0, on_config, a, &fault) != 0)
        log_debug("tg", "account %s: the freeze cannot be looked at: %s", a->name, fault.text);
}

void account_frozen_begin(struct tg_account *a)
{
    a->freeze_checked_us = tg_now(a->env);
    account_wake_at(a, a->freeze_checked_us + CHECK_S * SECOND_US);
}

void account_frozen_wanted(struct tg_account *a)
{
    if (a->state == TG_ACCOUNT_FROZEN && tg_now(a->env) - a->freeze_checked_us >= ON_DEMAND_S * SECOND_US)
        check(a);
}

void account_frozen_tick(struct tg_account *a)
{
    if (a->state != TG_ACCOUNT_FROZEN)
        return;
    if (tg_now(a->env) - a->freeze_checked_us >= CHECK_S * SECOND_US)
        check(a);
    else
        account_wake_at(a, a->freeze_checked_us + CHECK_S * SECOND_US);
}
