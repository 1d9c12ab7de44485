/* What the steps of a login leave behind, and who is logged in after them. */
#include "daemon/tg/login/login.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/tg/login/step.h"
#include "daemon/tl/tree.h"

static void put_json(const struct tg_account *a, json_t *account)
{
    const struct sent_code *c = &account_login(a)->code;

    if (c->kind[0] && login_has_code(a))
        json_object_set_new(account, "code", sent_code_json(c));
    if (tg_account_state(a) == TG_ACCOUNT_WAIT_QR)
        json_object_set_new(account, "qr", qr_json(a));
    if (tg_account_state(a) == TG_ACCOUNT_WAIT_REGISTRATION && account_login(a)->terms)
        json_object_set(account, "terms_of_service", account_login(a)->terms);
    if (tg_account_state(a) == TG_ACCOUNT_WAIT_PASSWORD && account_login(a)->hint)
        json_object_set_new(account, "hint", json_string(account_login(a)->hint));
}

void login_clear(struct tg_account *a)
{
    struct login *l = account_login(a);

    if (!l)
        return;
    free(l->hint);
    l->hint = NULL;
    json_decref(l->terms);
    l->terms = NULL;
    l->is_setting_up = false;
    explicit_bzero(&l->code, sizeof(l->code));
}

static void abandon(struct tg_account *a)
{
    password_abandon(a);
    quit_abandon(a);
}

static void free_login(struct tg_account *a)
{
    login_clear(a);
    qr_free(a);
    import_free(a);
    login_forget_tokens(a);
    free(account_login(a));
    account_set_login(a, NULL, NULL);
}

struct login *login_of(struct tg_account *a)
{
    static const struct account_login_ops ops = {put_json, qr_on_update, abandon, free_login};

    if (!account_login(a))
        account_set_login(a, calloc(1, sizeof(struct login)), &ops);
    return account_login(a);
}

static int64_t id_of(const json_t *v)
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

int login_take_authorization(struct tg_account *a, const json_t *authorization)
{
    const char *name = json_string_value(json_object_get(authorization, "_"));
    const json_t *user = json_object_get(authorization, "user");

    if (name && strcmp(name, "auth.authorizationSignUpRequired") == 0) {
        struct login *l = login_of(a);
        json_decref(l->terms);
        l->terms = json_incref(json_object_get(authorization, "terms_of_service"));
        (void)account_set_state(
            a, TG_ACCOUNT_WAIT_REGISTRATION, "Telegram has no account for this phone number",
            "Make one with POST /v1/accounts/{account}/login/registration, which accepts Telegram's "
            "terms of service; or register the number in an official app, then log in again");
        return 0;
    }
    int64_t id = id_of(json_object_get(user, "id"));
    if (!name || strcmp(name, "auth.authorization") != 0 || id <= 0)
        return TGC_EPROTO;
    if (json_is_true(json_object_get(user, "bot"))) {
        account_leave(a, false, "this is a bot, and group calls can only be run by users",
                      "Log in with a user's phone number");
        return 0;
    }
    login_clear(a);
    login_keep_token(a, authorization);
    account_enter(a, id, public_user(user));
    return 0;
}

void login_on_authorization(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;
    json_t *authorization = step_tree(s, answer);

    if (!authorization)
        return;
    bool is_youngest = step_take(s);
    int err = is_youngest ? login_take_authorization(s->account, authorization) : 0;
    /* Somebody was logged in behind, or before, a younger step: who it is now is Telegram's to say. */
    if (!is_youngest)
        login_ask_fate(s->account);
    json_decref(authorization);
    if (err)
        step_end_failed(s, err, "Telegram answered with an authorization that cannot be read");
    else
        step_end(s, NULL);
}

json_t *login_code_params(const struct tg_account *a)
{
    const struct sent_code *c = &account_login(a)->code;

    return json_pack("{s:s, s:s}", "phone_number", c->phone, "phone_code_hash", c->hash);
}

int login_copy(char *out, size_t size, const char *text, const char *member, struct fault *fault)
{
    if (strlen(text) < size) {
        memcpy(out, text, strlen(text) + 1);
        return 0;
    }
    int err = fault_set(fault, TGC_EINVAL, "at most %zu bytes", size - 1);
    fault_path_member(fault, member);
    return err;
}
