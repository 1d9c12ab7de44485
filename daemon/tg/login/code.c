/* auth.signIn. */
#include <stdio.h>
#include <string.h>

#include "daemon/tg/login/login.h"
#include "daemon/tg/login/step.h"

static bool is_error(const struct tg_answer *answer, const char *message)
{
    return answer->outcome == TG_RPC_ERROR && strcmp(answer->error->message, message) == 0;
}

static void on_signed_in(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;
    struct tg_account *a = s->account;

    if (is_error(answer, "SESSION_PASSWORD_NEEDED") && tg_account_state(a) == TG_ACCOUNT_WAIT_CODE) {
        if (step_take(s))
            login_need_password(s);
        else
            step_end(s, NULL);
        return;
    }
    /* Not by the word on an older code than the one that is waited for now. */
    if (is_error(answer, "PHONE_CODE_EXPIRED") && tg_account_state(a) == TG_ACCOUNT_WAIT_CODE && s->done) {
        login_clear(a);
        (void)account_set_state(a, TG_ACCOUNT_WAIT_LOGIN, "the code has expired",
                                "Ask for a new code with POST /v1/accounts/{account}/login");
    }
    json_t *authorization = step_tree(s, answer);
    if (!authorization)
        return;
    int err = 0;
    if (step_take(s))
        err = login_take_authorization(a, authorization);
    json_decref(authorization);
    if (err)
        step_end_failed(s, err, "Telegram answered with an authorization that cannot be read");
    else
        step_end(s, NULL);
}

static int go(struct step *s, struct fault *fault)
{
    struct tg_account *a = s->account;

    if (tg_account_state(a) != TG_ACCOUNT_WAIT_CODE)
        return fault_set(fault, TGC_ESTATE, "the account waits for no code: it is %s",
                         tg_account_state_text(tg_account_state(a)));
    const struct sent_code *c = &account_login(a)->code;
    return step_ask(
        s, "auth.signIn",
        json_pack("{s:s, s:s, s:s}", "phone_number", c->phone, "phone_code_hash", c->hash, "phone_code", s->code),
        on_signed_in, fault);
}

int tg_login_code(struct tg_account *a, const char *code, int64_t deadline_us, tg_step_fn *done, void *ctx,
                  struct fault *fault)
{
    struct step *s;
    bool was_taken = account_login(a) && account_login(a)->unheard == STEP_CODE;

    if (tg_account_state(a) != TG_ACCOUNT_WAIT_CODE && !was_taken)
        return fault_set(fault, TGC_ESTATE, "the account waits for no code: it is %s",
                         tg_account_state_text(tg_account_state(a)));
    if (strlen(code) >= sizeof(s->code)) {
        int err = fault_set(fault, TGC_EINVAL, "at most %zu bytes", sizeof(s->code) - 1);
        fault_path_member(fault, "code");
        return err;
    }
    int err = step_new(a, STEP_CODE, deadline_us, done, ctx, &s, fault);
    if (err)
        return err;
    snprintf(s->code, sizeof(s->code), "%s", code);
    s->go = go;
    return step_begin(s, fault);
}
