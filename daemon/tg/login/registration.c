/* auth.signUp: an account at Telegram for a number that has none. */
#include "daemon/tg/login/login.h"
#include "daemon/tg/login/step.h"

static int judge(const struct tg_account *a, struct fault *fault)
{
    enum tg_account_state state = tg_account_state(a);

    if (state == TG_ACCOUNT_WAIT_REGISTRATION)
        return 0;
    return fault_set(fault, TGC_ESTATE, "the account waits for no registration: it is %s",
                     tg_account_state_text(state));
}

static int go(struct step *s, struct fault *fault)
{
    int err = judge(s->account, fault);

    if (err)
        return err;
    json_t *params = login_code_params(s->account);
    json_object_set_new(params, "first_name", json_string(s->words[0]));
    json_object_set_new(params, "last_name", json_string(s->words[1]));
    return step_ask(s, "auth.signUp", params, login_on_authorization, fault);
}

int tg_login_registration(struct tg_account *a, const char *first_name, const char *last_name, int64_t deadline_us,
                          tg_step_fn *done, void *ctx, struct fault *fault)
{
    bool was_taken = account_login(a) && account_login(a)->unheard == STEP_REGISTRATION;
    struct step *s;
    int err = was_taken ? 0 : judge(a, fault);

    if (!err)
        err = step_new(a, STEP_REGISTRATION, deadline_us, done, ctx, &s, fault);
    if (err)
        return err;
    err = login_copy(s->words[0], sizeof(s->words[0]), first_name, "first_name", fault);
    if (!err)
        err = login_copy(s->words[1], sizeof(s->words[1]), last_name, "last_name", fault);
    if (err) {
        step_drop(s);
        return err;
    }
    s->go = go;
    return step_begin(s, fault);
}
