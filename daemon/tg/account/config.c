/* Telegram's config, as far as it matters here: its data centres' addresses, which dc_learnt.h has for all accounts.
 * One of them asks when it is time to: each has the same answer. Whoever hears of it, by an answer to whatever was
 * asked or by an update, passes it on. */
#include "daemon/base/log.h"
#include "daemon/tg/account/account.h"
#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/invoke.h"
#include "daemon/tg/dc_learnt.h"

/* An answer was learnt from already (account_config_told()). */
static void on_config(void *ctx, const struct tg_answer *answer)
{
    const struct tg_account *a = ctx;

    if (answer->outcome != TG_RESULT)
        log_debug("tg", "account %s: Telegram's config was not to be had: %s", a->name,
                  answer->outcome == TG_RPC_ERROR ? answer->error->message : answer->detail);
}

void tg_account_look_at_config(struct tg_account *a)
{
    const struct tg_env *env = a->env;
    int64_t now = tg_now(env);
    struct fault fault = {0};

    if (!env->learnt || a->closing || !dc_learnt_claim(env->learnt, now))
        return;
    if (tg_invoke_named(a, "help.getConfig", json_object(), now + env->request_timeout_us, TG_INVOKE_ANYWAY, on_config,
                        a, &fault) != 0)
        log_debug("tg", "account %s: Telegram's config cannot be asked for: %s", a->name, fault.text);
}

void account_config_told(struct tg_account *a, const struct tl_comb *method, const uint8_t *data, size_t len)
{
    const struct tg_env *env = a->env;
    const struct tg_keeper *keeper = env->keeper;
    struct tg_config config;
    struct fault fault = {0};

    if (!env->learnt)
        return;
    int err = tg_config_read(env->schema, method, data, len, dc_learnt_settings(env->learnt)->local, &config, &fault);
    if (err) {
        log_debug("tg", "account %s: Telegram's config cannot be read: %s", a->name, fault.text);
        return;
    }
    if (dc_learnt_hear(env->learnt, &config, tg_now(env), clock_wall_us(env->clock)) && keeper &&
        keeper->keep_dc_options)
        keeper->keep_dc_options(keeper->ctx);
}

void account_config_doubted(struct tg_account *a)
{
    if (!a->env->learnt)
        return;
    dc_learnt_doubt(a->env->learnt, tg_now(a->env));
    tg_account_look_at_config(a);
}
