/* auth.resendCode. */
#include <inttypes.h>
#include <stdio.h>

#include "daemon/tg/login/login.h"
#include "daemon/tg/login/step.h"

static int judge_state(const struct tg_account *a, struct fault *fault)
{
    enum tg_account_state state = tg_account_state(a);

    if (state == TG_ACCOUNT_WAIT_CODE || (state == TG_ACCOUNT_WAIT_EMAIL_CODE && !account_login(a)->is_setting_up))
        return 0;
    return fault_set(fault, TGC_ESTATE, "the account waits for no code: it is %s", tg_account_state_text(state));
}

int64_t tg_login_resend_wait_s(const struct tg_account *a)
{
    const struct login *l = account_login(a);
    int64_t left_us = l ? l->code.resend_us - tg_now(tg_account_env(a)) : 0;

    return left_us > 0 ? (left_us + SECOND_US - 1) / SECOND_US : 0;
}

static int go(struct step *s, struct fault *fault)
{
    struct tg_account *a = s->account;
    int err = judge_state(a, fault);

    if (err)
        return err;
    snprintf(s->phone, sizeof(s->phone), "%s", account_login(a)->code.phone);
    return step_ask(s, "auth.resendCode", login_code_params(a), login_on_sent_code, fault);
}

int tg_login_resend(struct tg_account *a, int64_t deadline_us, tg_step_fn *done, void *ctx, struct fault *fault)
{
    struct step *s;
    bool was_taken = account_login(a) && account_login(a)->unheard == STEP_RESEND;
    int err = was_taken ? 0 : judge_state(a, fault);

    if (err)
        return err;
    int64_t wait_s = was_taken ? 0 : tg_login_resend_wait_s(a);
    if (wait_s)
        return fault_set(fault, TGC_EBUSY, "Telegram sends another code in %" PRId64 " s, not before", wait_s);
    err = step_new(a, STEP_RESEND, deadline_us, done, ctx, &s, fault);
    if (err)
        return err;
    s->go = go;
    return step_begin(s, fault);
}
