/* auth.sendCode. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/login/login.h"
#include "daemon/tg/login/step.h"

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

/* "auth.sentCodeTypeApp" → "app", "auth.codeTypeSms" → "sms". */
static void kind_of(const json_t *object, const char *prefix, char *out, size_t size)
{
    const char *name = text_of(object, "_");
    size_t n = strlen(prefix);

    if (strncmp(name, prefix, n) != 0 || !name[n])
        return;
    snprintf(out, size, "%s", name + n);
    if (out[0] >= 'A' && out[0] <= 'Z')
        out[0] = (char)(out[0] - 'A' + 'a');
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

static int take_code(struct step *s, const json_t *sent)
{
    struct tg_account *a = s->account;
    struct sent_code *c = &account_login(a)->code;
    const json_t *type = json_object_get(sent, "type");
    const char *hash = text_of(sent, "phone_code_hash");

    if (strcmp(text_of(sent, "_"), "auth.sentCodeSuccess") == 0)
        return login_take_authorization(a, json_object_get(sent, "authorization"));
    if (strcmp(text_of(sent, "_"), "auth.sentCode") != 0 || !*hash || strlen(hash) >= sizeof(c->hash))
        return TGC_EPROTO;
    login_clear(a);
    snprintf(c->phone, sizeof(c->phone), "%s", s->phone);
    snprintf(c->hash, sizeof(c->hash), "%s", hash);
    kind_of(type, "auth.sentCodeType", c->kind, sizeof(c->kind));
    c->length = (int)number_of(type, "length");
    kind_of(json_object_get(sent, "next_type"), "auth.codeType", c->next_kind, sizeof(c->next_kind));
    int64_t timeout = number_of(sent, "timeout");
    c->resend_at = timeout ? clock_wall_us(tg_account_env(a)->clock) / SECOND_US + timeout : 0;
    if (strcmp(c->kind, "setUpEmailRequired") == 0)
        (void)account_set_state(
            a, TG_ACCOUNT_WAIT_EMAIL, "Telegram wants a login e-mail address for this account",
            "Set one up in an official Telegram app, then log in again with POST /v1/accounts/{account}/login");
    else if (strcmp(c->kind, "emailCode") == 0)
        (void)account_set_state(a, TG_ACCOUNT_WAIT_EMAIL_CODE, "Telegram sent the code by e-mail",
                                "This version cannot take such a code: remove the login e-mail address in an official "
                                "Telegram app, then log in again with POST /v1/accounts/{account}/login");
    else
        (void)account_set_state(a, TG_ACCOUNT_WAIT_CODE, NULL,
                                "Send the code with POST /v1/accounts/{account}/login/code");
    return 0;
}

static void on_sent_code(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;
    json_t *sent = step_tree(s, answer);
    int err = 0;

    if (!sent)
        return;
    if (strcmp(text_of(sent, "_"), "auth.sentCodePaymentRequired") == 0) {
        end_for_a_fee(s, sent);
        json_decref(sent);
        return;
    }
    /* The code of a step that came to an end after a login is of no use. */
    if (!account_is_inside(s->account) && step_take(s))
        err = take_code(s, sent);
    json_decref(sent);
    if (err)
        step_end_failed(s, err, "Telegram answered auth.sendCode with something else");
    else
        step_end(s, NULL);
}

static int go(struct step *s, struct fault *fault)
{
    const struct tg_env *env = tg_account_env(s->account);

    return step_ask(s, "auth.sendCode",
                    json_pack("{s:s, s:i, s:s, s:{s:s}}", "phone_number", s->phone, "api_id", (int)env->api_id,
                              "api_hash", env->api_hash, "settings", "_", "codeSettings"),
                    on_sent_code, fault);
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
