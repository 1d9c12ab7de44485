/* auth.sendCode. */
#include <stdio.h>
#include <string.h>

#include "daemon/tg/login/login.h"
#include "daemon/tg/login/step.h"

static int go(struct step *s, struct fault *fault)
{
    const struct tg_env *env = tg_account_env(s->account);

    return step_ask(s, "auth.sendCode",
                    json_pack("{s:s, s:i, s:s, s:o}", "phone_number", s->phone, "api_id", (int)env->api_id, "api_hash",
                              env->api_hash, "settings", login_code_settings(s->account)),
                    login_on_sent_code, fault);
}

/* "123456:ABC-DEF…", as @BotFather gives it. */
static bool is_bot_token(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    return digits && text[digits] == ':';
}

int tg_login_phone(struct tg_account *a, const char *phone, int64_t deadline_us, tg_step_fn *done, void *ctx,
                   struct fault *fault)
{
    struct step *s;
    int err;

    if (account_is_inside(a))
        return fault_set(fault, TGC_ESTATE, "the account is logged in already");
    if (!tg_account_env(a)->api_id)
        return fault_set(fault, TGC_EINVAL, "no api_id is configured, without which Telegram lets nobody log in");
    if (is_bot_token(phone)) {
        err = fault_set(fault, TGC_EINVAL,
                        "this is the token of a bot, and bots can run no group calls: give a user's phone number");
        fault_path_member(fault, "phone");
        return err;
    }
    if (strlen(phone) >= TG_PHONE_MAX) {
        err = fault_set(fault, TGC_EINVAL, "at most %d bytes", TG_PHONE_MAX - 1);
        fault_path_member(fault, "phone");
        return err;
    }
    err = step_new(a, STEP_PHONE, deadline_us, done, ctx, &s, fault);
    if (err)
        return err;
    snprintf(s->phone, sizeof(s->phone), "%s", phone);
    s->go = go;
    return step_begin(s, fault);
}
