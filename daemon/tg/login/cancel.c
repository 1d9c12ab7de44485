/* A login is given up: by auth.cancelCode where a code is out, else by the end of the key that it was begun with. */
#include "daemon/tg/login/login.h"
#include "daemon/tg/login/step.h"

/* The code was used up already, or no code was ever sent: Telegram counts what came of it with the key. */
static void drop_key(struct step *s)
{
    if (step_take(s)) {
        login_clear(s->account);
        account_begin_anew(s->account);
    }
}

static void on_cancelled(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;
    struct tg_account *a = s->account;
    /* There is no such code any more: that is what was wanted. */
    bool is_gone = answer->outcome == TG_RESULT || (answer->outcome == TG_RPC_ERROR && answer->error->code == 400);

    if (is_gone && !account_is_inside(a) && step_take(s) && account_set_state(a, TG_ACCOUNT_WAIT_LOGIN, NULL, NULL))
        login_clear(a);
    step_end(s, is_gone ? NULL : answer);
}

static int go(struct step *s, struct fault *fault)
{
    struct tg_account *a = s->account;

    if (login_has_code(a))
        return step_ask(s, "auth.cancelCode", login_code_params(a), on_cancelled, fault);
    drop_key(s);
    step_end(s, NULL);
    return 0;
}

int tg_login_cancel(struct tg_account *a, int64_t deadline_us, tg_step_fn *done, void *ctx, bool *ret_is_done,
                    struct fault *fault)
{
    enum tg_account_state state = tg_account_state(a);
    struct step *s;

    if (state != TG_ACCOUNT_WAIT_LOGIN && state != TG_ACCOUNT_WAIT_PASSWORD && state != TG_ACCOUNT_WAIT_QR &&
        !login_has_code(a))
        return fault_set(fault, TGC_ESTATE, "no login is under way: the account is %s", tg_account_state_text(state));
    int err = step_new(a, STEP_CANCEL, deadline_us, done, ctx, &s, fault);
    if (err)
        return err;
    *ret_is_done = !login_has_code(a) && !account_login_is_unsettled(a);
    if (*ret_is_done) {
        drop_key(s);
        step_drop(s);
        return 0;
    }
    s->go = go;
    return step_begin(s, fault);
}
