/* An e-mail address for logging in: Telegram sends a code there, which proves it, and then one for the login. */
#include <stdio.h>
#include <string.h>

#include "daemon/base/fill.h"
#include "daemon/tg/account/note.h"
#include "daemon/tg/login/login.h"
#include "daemon/tg/login/step.h"

static json_t *purpose(const struct tg_account *a)
{
    json_t *purpose = login_code_params(a);

    json_object_set_new(purpose, "_", json_string("emailVerifyPurposeLoginSetup"));
    return purpose;
}

static int judge(const struct tg_account *a, struct fault *fault)
{
    enum tg_account_state state = tg_account_state(a);

    if (state == TG_ACCOUNT_WAIT_EMAIL || (state == TG_ACCOUNT_WAIT_EMAIL_CODE && account_login(a)->is_setting_up))
        return 0;
    return fault_set(fault, TGC_ESTATE, "the account waits for no e-mail address: it is %s",
                     tg_account_state_text(state));
}

/* --- the address --- */

static int take(struct tg_account *a, const json_t *sent)
{
    struct login *l = account_login(a);
    const char *pattern = json_string_value(json_object_get(sent, "email_pattern"));

    if (!pattern)
        return TGC_EPROTO;
    l->is_setting_up = true;
    l->code.length = (int)json_integer_value(json_object_get(sent, "length"));
    sent_code_by_mail(&l->code, pattern);
    (void)account_set_state(a, TG_ACCOUNT_WAIT_EMAIL_CODE, l->code.words,
                            "Send the code with POST /v1/accounts/{account}/login/email-code, or another address with "
                            "POST /v1/accounts/{account}/login/email");
    return 0;
}

static void on_sent(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;
    json_t *sent = step_tree(s, answer);
    int err = 0;

    if (!sent)
        return;
    if (login_has_code(s->account) && step_take(s)) {
        err = take(s->account, sent);
        tg_account_note(s->account);
    }
    json_decref(sent);
    if (err)
        step_end_failed(s, err, "Telegram's word on the code that it sent cannot be read");
    else
        step_end(s, NULL);
}

static int go(struct step *s, struct fault *fault)
{
    int err = judge(s->account, fault);

    if (err)
        return err;
    return step_ask(s, "account.sendVerifyEmailCode",
                    json_pack("{s:o, s:s}", "purpose", purpose(s->account), "email", s->words[0]), on_sent, fault);
}

int tg_login_email(struct tg_account *a, const char *email, int64_t deadline_us, tg_step_fn *done, void *ctx,
                   struct fault *fault)
{
    struct step *s;
    int err = judge(a, fault);

    if (!err)
        err = step_new(a, STEP_EMAIL, deadline_us, done, ctx, &s, fault);
    if (err)
        return err;
    err = login_copy(s->words[0], sizeof(s->words[0]), email, "email", fault);
    if (err) {
        step_drop(s);
        return err;
    }
    s->go = go;
    return step_begin(s, fault);
}

/* --- its code --- */

static void on_verified(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;
    json_t *verified = step_tree(s, answer);

    if (!verified)
        return;
    json_t *sent = json_incref(json_object_get(verified, "sent_code"));
    json_decref(verified);
    if (sent)
        login_hear_sent_code(s, sent);
    else
        step_end_failed(s, TGC_EPROTO, "Telegram took the e-mail address, and sent no code to log in with");
}

int login_go_verify(struct step *s, struct fault *fault)
{
    struct tg_account *a = s->account;
    int err = judge(a, fault);

    if (err)
        return err;
    snprintf(s->phone, sizeof(s->phone), "%s", account_login(a)->code.phone);
    return step_ask(s, "account.verifyEmail",
                    json_pack("{s:o, s:{s:s, s:s}}", "purpose", purpose(a), "verification", "_",
                              "emailVerificationCode", "code", s->code),
                    on_verified, fault);
}
