/* auth.logOut. The login ends here in any case; whether it has ended at Telegram too is told. */
#include <stdio.h>

#include "daemon/base/log.h"
#include "daemon/tg/login/login.h"
#include "daemon/tg/login/step.h"

#define UNCONFIRMED_REMEDY                                                                                             \
    "The login may still be there: look in an official Telegram app under Settings, Devices, and end it there"

/* Whether Telegram's word is that the key logs nobody in: also by another word than the one that was asked for. */
static bool is_confirmed(const struct tg_account *a, const struct tg_answer *answer)
{
    if (answer->executed)
        return true;
    /* Telegram ended the login, or the account left it, before this was answered. */
    if (answer->outcome == TG_NO_ANSWER)
        return answer->err == TGC_ESTATE;
    /* Nobody was logged in; but a step that comes late may still log somebody in. */
    return (login_is_nobody(answer) || tg_answer_is_error(answer, "AUTH_KEY_DUPLICATED")) && !account_login_is_late(a);
}

static void say_unconfirmed(const struct tg_answer *answer, char *reason, size_t size)
{
    if (login_is_nobody(answer))
        snprintf(reason, size, "a step of the login was never answered, and may still be carried out");
    else if (answer->outcome == TG_RPC_ERROR)
        snprintf(reason, size, "Telegram answered auth.logOut with %d %.100s", answer->error->code,
                 answer->error->message);
    else if (answer->sent)
        snprintf(reason, size, "auth.logOut was sent and not answered: %.140s", answer->detail);
    else
        snprintf(reason, size, "auth.logOut did not reach Telegram: %.140s", answer->detail);
}

static void leave(struct tg_account *a, const struct tg_answer *answer)
{
    char reason[192];

    if (answer->outcome == TG_RESULT)
        login_keep_logout_token(a, answer->method, answer->data, answer->len);
    login_clear(a);
    if (is_confirmed(a, answer)) {
        account_leave(a, true, NULL, NULL);
        return;
    }
    say_unconfirmed(answer, reason, sizeof(reason));
    log_warning("tg", "account %s: the logout is not confirmed: %s; the key is destroyed here all the same",
                tg_account_name(a), reason);
    account_leave(a, false, reason, UNCONFIRMED_REMEDY);
}

static void on_logged_out(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;
    struct tg_account *a = s->account;

    if (account_is_closing(a)) {
        step_end(s, answer);
        return;
    }
    bool has_left =
        answer->outcome == TG_NO_ANSWER && answer->err == TGC_ESTATE && tg_account_state(a) == TG_ACCOUNT_LOGGED_OUT;
    /* One that Telegram has closed is told as that. */
    if (!has_left && tg_account_state(a) != TG_ACCOUNT_BANNED)
        leave(a, answer);
    step_end(s, NULL);
}

int logout_begin(struct tg_account *a, int64_t deadline_us, tg_step_fn *done, void *ctx, struct fault *fault)
{
    struct step *s;
    int err = step_new(a, STEP_LOGOUT, deadline_us, done, ctx, &s, fault);

    if (err)
        return err;
    /* At its deadline it is over here: nothing is waited for. */
    err = tg_invoke_named(a, "auth.logOut", json_object(), deadline_us, TG_INVOKE_ANYWAY, on_logged_out, s, fault);
    if (err)
        step_drop(s);
    return err;
}

int tg_logout(struct tg_account *a, int64_t deadline_us, tg_step_fn *done, void *ctx, struct fault *fault)
{
    if (tg_login_is_over(a))
        return fault_set(fault, TGC_ESTATE, "the account is not logged in: it is %s",
                         tg_account_state_text(tg_account_state(a)));
    return logout_begin(a, deadline_us, done, ctx, fault);
}
