#include "daemon/tg/account/login.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/tg/account/login_internal.h"
#include "daemon/tl/tree.h"

int step_new(struct tg_account *a, int64_t deadline_us, tg_step_fn *done, void *ctx, struct step **ret,
             struct fault *fault)
{
    if (a->step)
        return fault_set(fault, TGC_ESTATE, "another step of this account's login is under way");
    struct step *s = calloc(1, sizeof(*s));
    if (!s)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    *s = (struct step){a, done, ctx, deadline_us};
    *ret = a->step = s;
    return 0;
}

void step_drop(struct step *s)
{
    s->account->step = NULL;
    free(s);
}

void step_end(struct step *s, const struct tg_answer *failure)
{
    tg_step_fn *done = s->done;
    void *ctx = s->ctx;

    step_drop(s);
    done(ctx, failure);
}

void step_end_failed(struct step *s, int err, const char *detail)
{
    step_end(s, &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = err, .detail = detail});
}

void login_clear(struct tg_account *a)
{
    free(a->login.hint);
    explicit_bzero(&a->login, sizeof(a->login));
}

void login_put_json(const struct tg_account *a, json_t *account)
{
    const struct login *l = &a->login;

    if (a->state == TG_ACCOUNT_WAIT_CODE && l->code_kind[0]) {
        json_t *code = json_pack("{s:s}", "kind", l->code_kind);
        if (l->code_length)
            json_object_set_new(code, "length", json_integer(l->code_length));
        if (l->next_kind[0])
            json_object_set_new(code, "next_kind", json_string(l->next_kind));
        if (l->resend_at)
            json_object_set_new(code, "resend_at", json_integer(l->resend_at));
        json_object_set_new(account, "code", code);
    }
    if (a->state == TG_ACCOUNT_WAIT_PASSWORD && l->hint)
        json_object_set_new(account, "hint", json_string(l->hint));
}

/* "auth.sentCodeTypeApp" → "app", "auth.codeTypeSms" → "sms". */
static void kind_of(const json_t *object, const char *prefix, char *out, size_t size)
{
    const char *name = json_string_value(json_object_get(object, "_"));
    size_t n = strlen(prefix);

    if (!name || strncmp(name, prefix, n) != 0 || !name[n])
        return;
    snprintf(out, size, "%s", name + n);
    if (out[0] >= 'A' && out[0] <= 'Z')
        out[0] = (char)(out[0] - 'A' + 'a');
}

static int64_t long_of(const json_t *v)
{
    return json_is_integer(v) ? json_integer_value(v) : json_is_string(v) ? strtoll(json_string_value(v), NULL, 10) : 0;
}

/* The REST user: what a person recognises the account by, without what is secret of it. */
static json_t *public_user(const json_t *user)
{
    static const char *const members[] = {"_", "id", "first_name", "last_name", "username", "phone"};
    json_t *j = json_object();

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        json_t *v = json_object_get(user, members[i]);
        if (v)
            json_object_set(j, members[i], v);
    }
    return j;
}

static void on_state(void *ctx, const struct tg_answer *answer)
{
    (void)ctx;
    (void)answer; /* asked so that the server counts this session among those that want updates */
}

int login_take_authorization(struct tg_account *a, const json_t *authorization)
{
    const char *name = json_string_value(json_object_get(authorization, "_"));
    const json_t *user = json_object_get(authorization, "user");
    struct fault fault;

    if (name && strcmp(name, "auth.authorizationSignUpRequired") == 0) {
        account_set_state(a, TG_ACCOUNT_WAIT_REGISTRATION, "Telegram has no account for this phone number",
                          "Register the number in an official Telegram app, then log in again");
        return 0;
    }
    int64_t id = long_of(json_object_get(user, "id"));
    if (!name || strcmp(name, "auth.authorization") != 0 || id <= 0)
        return TGC_EPROTO;
    if (json_is_true(json_object_get(user, "bot"))) {
        account_end_login(a, TG_ACCOUNT_LOGGED_OUT, "this is a bot, and group calls can only be run by users",
                          "Log in with a user's phone number");
        return 0;
    }
    if (a->self_id && a->self_id != id)
        tg_known_clear(a->known);
    a->self_id = id;
    json_decref(a->self);
    a->self = public_user(user);
    login_clear(a);
    account_set_state(a, TG_ACCOUNT_READY, NULL, NULL);
    (void)!tg_invoke_named(a, "updates.getState", json_object(), tg_now(a->env) + a->env->request_timeout_us, 0,
                           on_state, NULL, &fault);
    return 0;
}

/* Any answer of the login as a tree; NULL ended the step. */
static json_t *tree_or_end(struct step *s, const struct tg_answer *answer)
{
    struct fault fault = {0};
    json_t *tree = NULL;

    if (answer->outcome != TG_RESULT) {
        step_end(s, answer);
        return NULL;
    }
    int err = tl_tree_result(s->account->env->schema, answer->method, answer->data, answer->len, &tree, NULL, &fault);
    if (err) {
        step_end_failed(s, err, fault.text);
        return NULL;
    }
    return tree;
}

static int take_sent_code(struct tg_account *a, const json_t *sent)
{
    const char *name = json_string_value(json_object_get(sent, "_"));
    const char *hash = json_string_value(json_object_get(sent, "phone_code_hash"));
    const json_t *type = json_object_get(sent, "type");
    struct login *l = &a->login;

    if (name && strcmp(name, "auth.sentCodeSuccess") == 0)
        return login_take_authorization(a, json_object_get(sent, "authorization"));
    if (!name || strcmp(name, "auth.sentCode") != 0 || !hash || strlen(hash) >= sizeof(l->code_hash))
        return TGC_EPROTO;
    snprintf(l->code_hash, sizeof(l->code_hash), "%s", hash);
    kind_of(type, "auth.sentCodeType", l->code_kind, sizeof(l->code_kind));
    l->code_length = (int)long_of(json_object_get(type, "length"));
    kind_of(json_object_get(sent, "next_type"), "auth.codeType", l->next_kind, sizeof(l->next_kind));
    int64_t timeout = long_of(json_object_get(sent, "timeout"));
    l->resend_at = timeout ? clock_wall_us(a->env->clock) / SECOND_US + timeout : 0;
    if (strcmp(l->code_kind, "setUpEmailRequired") == 0)
        account_set_state(a, TG_ACCOUNT_WAIT_EMAIL, "Telegram wants a login e-mail address for this account",
                          "Set one up in an official Telegram app, then log in again");
    else if (strcmp(l->code_kind, "emailCode") == 0)
        account_set_state(a, TG_ACCOUNT_WAIT_EMAIL_CODE, "Telegram sent the code by e-mail", NULL);
    else
        account_set_state(a, TG_ACCOUNT_WAIT_CODE, NULL, "Send the code with POST /v1/accounts/{name}/login/code");
    return 0;
}

static void on_sent_code(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;
    json_t *sent = tree_or_end(s, answer);

    if (!sent)
        return;
    int err = take_sent_code(s->account, sent);
    json_decref(sent);
    if (err)
        step_end_failed(s, err, "Telegram answered auth.sendCode with something else");
    else
        step_end(s, NULL);
}

int tg_login_phone(struct tg_account *a, const char *phone, int64_t deadline_us, tg_step_fn *done, void *ctx,
                   struct fault *fault)
{
    struct step *s;
    int err;

    if (!a->env->api_id)
        return fault_set(fault, TGC_EINVAL,
                         "no api_id is configured: get api_id and api_hash at https://my.telegram.org "
                         "and set them in the section [telegram]");
    if (strlen(phone) >= TG_PHONE_MAX) {
        err = fault_set(fault, TGC_EINVAL, "at most %d bytes", TG_PHONE_MAX - 1);
        fault_path_member(fault, "phone");
        return err;
    }
    err = step_new(a, deadline_us, done, ctx, &s, fault);
    if (err)
        return err;
    login_clear(a);
    snprintf(a->login.phone, sizeof(a->login.phone), "%s", phone);
    account_set_state(a, TG_ACCOUNT_WAIT_LOGIN, NULL, NULL);
    json_t *params = json_pack("{s:s, s:i, s:s, s:{s:s}}", "phone_number", phone, "api_id", (int)a->env->api_id,
                               "api_hash", a->env->api_hash, "settings", "_", "codeSettings");
    err = tg_invoke_named(a, "auth.sendCode", params, deadline_us, TG_INVOKE_LOGIN, on_sent_code, s, fault);
    if (err)
        step_drop(s);
    return err;
}

static void on_signed_in(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;

    if (answer->outcome == TG_RPC_ERROR && strcmp(answer->error->message, "SESSION_PASSWORD_NEEDED") == 0) {
        login_need_password(s);
        return;
    }
    if (answer->outcome == TG_RPC_ERROR && strcmp(answer->error->message, "PHONE_CODE_EXPIRED") == 0) {
        login_clear(s->account);
        account_set_state(s->account, TG_ACCOUNT_WAIT_LOGIN, "the code has expired", "Ask for a new code");
    }
    json_t *authorization = tree_or_end(s, answer);
    if (!authorization)
        return;
    int err = login_take_authorization(s->account, authorization);
    json_decref(authorization);
    if (err)
        step_end_failed(s, err, "Telegram answered with an authorization that cannot be read");
    else
        step_end(s, NULL);
}

int tg_login_code(struct tg_account *a, const char *code, int64_t deadline_us, tg_step_fn *done, void *ctx,
                  struct fault *fault)
{
    if (a->state != TG_ACCOUNT_WAIT_CODE)
        return fault_set(fault, TGC_ESTATE, "the account waits for no code: it is %s", tg_account_state_text(a->state));
    struct step *s;
    int err = step_new(a, deadline_us, done, ctx, &s, fault);
    if (err)
        return err;
    json_t *params = json_pack("{s:s, s:s, s:s}", "phone_number", a->login.phone, "phone_code_hash", a->login.code_hash,
                               "phone_code", code);
    err = tg_invoke_named(a, "auth.signIn", params, deadline_us, TG_INVOKE_LOGIN, on_signed_in, s, fault);
    if (err)
        step_drop(s);
    return err;
}

static void forget_login(struct tg_account *a)
{
    json_decref(a->self);
    a->self = NULL;
    login_clear(a);
    tg_known_clear(a->known);
    if (a->client)
        tg_client_destroy_key(a->client);
    account_end_login(a, TG_ACCOUNT_LOGGED_OUT, NULL, NULL);
}

static void on_logged_out(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;
    struct tg_account *a = s->account;

    if (answer->outcome != TG_RESULT)
        log_warning("tg", "account %s: Telegram did not confirm the logout; the key is destroyed here all the same",
                    a->name);
    forget_login(a);
    step_end(s, NULL);
}

int tg_logout(struct tg_account *a, int64_t deadline_us, tg_step_fn *done, void *ctx, struct fault *fault)
{
    if (a->state != TG_ACCOUNT_READY && a->state != TG_ACCOUNT_FROZEN)
        return fault_set(fault, TGC_ESTATE, "the account is not logged in: it is %s", tg_account_state_text(a->state));
    struct step *s;
    int err = step_new(a, deadline_us, done, ctx, &s, fault);
    if (err)
        return err;
    err = tg_invoke_named(a, "auth.logOut", json_object(), deadline_us, TG_INVOKE_LOGIN, on_logged_out, s, fault);
    if (err)
        step_drop(s);
    return err;
}

void tg_login_follow(struct tg_account *a, const struct tl_comb *method, const void *data, size_t len)
{
    json_t *tree = NULL;

    if (strcmp(method->name, "auth.logOut") == 0) {
        forget_login(a);
        return;
    }
    if (strncmp(method->name, "auth.", 5) != 0 ||
        tl_tree_result(a->env->schema, method, data, len, &tree, NULL, NULL) != 0)
        return;
    const char *name = json_string_value(json_object_get(tree, "_"));
    if (name && strcmp(name, "auth.authorization") == 0)
        (void)!login_take_authorization(a, tree);
    json_decref(tree);
}
