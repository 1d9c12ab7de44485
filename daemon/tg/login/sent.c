/* A code was sent, or not: where that leads. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/account/note.h"
#include "daemon/tg/login/login.h"
#include "daemon/tg/login/step.h"

bool login_has_code(const struct tg_account *a)
{
    enum tg_account_state state = tg_account_state(a);

    return state == TG_ACCOUNT_WAIT_CODE || state == TG_ACCOUNT_WAIT_EMAIL || state == TG_ACCOUNT_WAIT_EMAIL_CODE ||
           state == TG_ACCOUNT_WAIT_REGISTRATION;
}

void login_start_over(struct tg_account *a, const char *reason)
{
    if (account_set_state(a, TG_ACCOUNT_WAIT_LOGIN, reason, "Begin again with POST /v1/accounts/{account}/login"))
        login_clear(a);
}

static const char *text_of(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));

    return text ? text : "";
}

static int64_t number_of(const json_t *object, const char *member)
{
    const json_t *v = json_object_get(object, member);

    return json_is_integer(v) ? json_integer_value(v) : strtoll(text_of(object, member), NULL, 10);
}

/* A refusal, and not one that should be tried again: each try makes Telegram send something. */
static void end_for_a_fee(struct step *s, const json_t *sent)
{
    const char *support = text_of(sent, "support_email_address");
    char detail[256], remedy[256];

    snprintf(detail, sizeof(detail),
             "Telegram sends a code to this number only against a fee of %" PRId64 " (in the smallest units of %.8s)",
             number_of(sent, "amount"), text_of(sent, "currency"));
    snprintf(remedy, sizeof(remedy),
             "Do not repeat this: log in with an official Telegram app on a phone first%s%.100s%s",
             *support ? ", or write to " : "", support, *support ? "" : "");
    step_end(s, &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = TGC_EREFUSED, .detail = detail, .remedy = remedy});
}

static void wait_for_code(struct tg_account *a, const struct sent_code *c)
{
    if (strcmp(c->kind, "setUpEmailRequired") == 0)
        (void)account_set_state(
            a, TG_ACCOUNT_WAIT_EMAIL, c->words,
            "Give one with POST /v1/accounts/{account}/login/email: Telegram sends a code there to prove it");
    else if (strcmp(c->kind, "emailCode") == 0)
        (void)account_set_state(a, TG_ACCOUNT_WAIT_EMAIL_CODE, c->words,
                                "Send the code with POST /v1/accounts/{account}/login/email-code");
    else
        (void)account_set_state(a, TG_ACCOUNT_WAIT_CODE, c->words,
                                c->next_kind[0] ? "Send the code with POST /v1/accounts/{account}/login/code; from "
                                                  "`resend_at` on POST /v1/accounts/{account}/login/resend has it sent "
                                                  "another way"
                                                : "Send the code with POST /v1/accounts/{account}/login/code");
}

static int take(struct step *s, const json_t *sent)
{
    struct tg_account *a = s->account;
    const struct tg_env *env = tg_account_env(a);
    struct sent_code c;

    if (strcmp(text_of(sent, "_"), "auth.sentCodeSuccess") == 0)
        return login_take_authorization(a, json_object_get(sent, "authorization"));
    int err = sent_code_read(sent, tg_now(env), clock_wall_us(env->clock), &c);
    if (err)
        return err;
    snprintf(c.phone, sizeof(c.phone), "%s", s->phone);
    login_clear(a);
    account_login(a)->code = c;
    wait_for_code(a, &c);
    tg_account_note(a);
    return 0;
}

void login_hear_sent_code(struct step *s, json_t *sent)
{
    int err = 0;

    if (strcmp(text_of(sent, "_"), "auth.sentCodePaymentRequired") == 0) {
        end_for_a_fee(s, sent);
        json_decref(sent);
        return;
    }
    /* The code of a step that came to an end after a login is of no use. */
    if (!account_is_inside(s->account) && step_take(s))
        err = take(s, sent);
    json_decref(sent);
    if (err)
        step_end_failed(s, err, "Telegram's word on the code that it sent cannot be read");
    else
        step_end(s, NULL);
}

void login_on_sent_code(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;

    /* A login of before was recognised, and no code is needed. */
    if (tg_answer_is_error(answer, "SESSION_PASSWORD_NEEDED") && !account_is_inside(s->account)) {
        if (step_take(s))
            login_need_password(s);
        else
            step_end(s, NULL);
        return;
    }
    json_t *sent = step_tree(s, answer);
    if (sent)
        login_hear_sent_code(s, sent);
}
