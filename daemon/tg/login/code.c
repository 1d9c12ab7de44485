/* auth.signIn. */
#include <string.h>

#include "daemon/tg/login/login.h"
#include "daemon/tg/login/step.h"

static void on_signed_in(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;
    struct tg_account *a = s->account;

    if (tg_answer_is_error(answer, "SESSION_PASSWORD_NEEDED") && login_has_code(a)) {
        if (step_take(s))
            login_need_password(s);
        else
            step_end(s, NULL);
        return;
    }
    login_on_authorization(s, answer);
}

static int judge(const struct tg_account *a, bool by_mail, struct fault *fault)
{
    enum tg_account_state state = tg_account_state(a);

    if (state == (by_mail ? TG_ACCOUNT_WAIT_EMAIL_CODE : TG_ACCOUNT_WAIT_CODE))
        return 0;
    return fault_set(fault, TGC_ESTATE, "the account waits for no %scode: it is %s", by_mail ? "e-mail " : "",
                     tg_account_state_text(state));
}

/* The code that came by e-mail goes another way than all others. */
static int go(struct step *s, struct fault *fault)
{
    struct tg_account *a = s->account;
    bool by_mail = s->kind == STEP_EMAIL_CODE;
    int err = judge(a, by_mail, fault);

    if (err)
        return err;
    json_t *params = login_code_params(a);
    if (by_mail)
        json_object_set_new(params, "email_verification",
                            json_pack("{s:s, s:s}", "_", "emailVerificationCode", "code", s->code));
    else
        json_object_set_new(params, "phone_code", json_string(s->code));
    return step_ask(s, "auth.signIn", params, on_signed_in, fault);
}

static int begin(struct tg_account *a, enum step_kind kind, const char *code, int64_t deadline_us, tg_step_fn *done,
                 void *ctx, struct fault *fault)
{
    bool was_taken = account_login(a) && account_login(a)->unheard == kind;
    struct step *s;
    int err = was_taken ? 0 : judge(a, kind == STEP_EMAIL_CODE, fault);

    if (!err)
        err = step_new(a, kind, deadline_us, done, ctx, &s, fault);
    if (err)
        return err;
    err = login_copy(s->code, sizeof(s->code), code, "code", fault);
    if (err) {
        step_drop(s);
        return err;
    }
    s->go = kind == STEP_EMAIL_CODE && account_login(a)->is_setting_up ? login_go_verify : go;
    return step_begin(s, fault);
}

int tg_login_code(struct tg_account *a, const char *code, int64_t deadline_us, tg_step_fn *done, void *ctx,
                  struct fault *fault)
{
    return begin(a, STEP_CODE, code, deadline_us, done, ctx, fault);
}

int tg_login_email_code(struct tg_account *a, const char *code, int64_t deadline_us, tg_step_fn *done, void *ctx,
                        struct fault *fault)
{
    return begin(a, STEP_EMAIL_CODE, code, deadline_us, done, ctx, fault);
}
