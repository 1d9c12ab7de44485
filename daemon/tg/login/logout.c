#include "daemon/base/log.h"
#include "daemon/tg/login/login.h"
#include "daemon/tg/login/step.h"

static void on_logged_out(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;
    struct tg_account *a = s->account;

    if (answer->outcome != TG_RESULT)
        log_warning("tg", "account %s: Telegram did not confirm the logout; the key is destroyed here all the same",
                    tg_account_name(a));
    if (!account_is_closing(a) && account_is_inside(a)) {
        login_clear(a);
        account_leave(a, NULL, NULL);
    }
    step_end(s, NULL);
}

/* At its deadline it is over here: nothing is waited for. */
static int go(struct step *s, struct fault *fault)
{
    return tg_invoke_named(s->account, "auth.logOut", json_object(), s->deadline_us, TG_INVOKE_LOGIN, on_logged_out, s,
                           fault);
}

int tg_logout(struct tg_account *a, int64_t deadline_us, tg_step_fn *done, void *ctx, struct fault *fault)
{
    struct step *s;

    if (!account_is_inside(a))
        return fault_set(fault, TGC_ESTATE, "the account is not logged in: it is %s",
                         tg_account_state_text(tg_account_state(a)));
    int err = step_new(a, STEP_LOGOUT, deadline_us, done, ctx, &s, fault);
    if (err)
        return err;
    err = go(s, fault);
    if (err)
        step_drop(s);
    return err;
}
