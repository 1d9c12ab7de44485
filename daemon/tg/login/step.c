#include "daemon/tg/login/step.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/tl/tree.h"

static int make(struct tg_account *a, enum step_kind kind, int64_t deadline_us, struct step **ret, struct fault *fault)
{
    struct login *l = login_of(a);

    if (l && l->step)
        return fault_set(fault, TGC_ESTATE, "another step of this account's login is under way");
    if (quit_is_asked(a) && kind != STEP_LOGOUT)
        return fault_set(fault, TGC_ESTATE, "the account is being removed");
    /* What it left behind would go with the other program's key. */
    if (l && l->importing && kind != STEP_IMPORT && kind != STEP_LOGOUT)
        return fault_set(fault, TGC_ESTATE, "who is logged in with its imported session is being asked still");
    struct step *s = l ? calloc(1, sizeof(*s)) : NULL;
    if (!s)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    *s = (struct step){.account = a, .kind = kind, .number = ++l->steps_n, .deadline_us = deadline_us};
    *ret = s;
    return 0;
}

int step_new(struct tg_account *a, enum step_kind kind, int64_t deadline_us, tg_step_fn *done, void *ctx,
             struct step **ret, struct fault *fault)
{
    int err = make(a, kind, deadline_us, ret, fault);

    if (err)
        return err;
    (*ret)->done = done;
    (*ret)->ctx = ctx;
    account_login(a)->step = *ret;
    return 0;
}

int step_new_unwaited(struct tg_account *a, enum step_kind kind, int64_t deadline_us, struct step **ret,
                      struct fault *fault)
{
    return make(a, kind, deadline_us, ret, fault);
}

/* Nobody waits for it any more. */
static void leave(struct step *s)
{
    struct login *l = account_login(s->account);

    if (l->step == s)
        l->step = NULL;
    quit_look(s->account);
}

void step_drop(struct step *s)
{
    leave(s);
    password_free(s->password);
    explicit_bzero(s, sizeof(*s));
    free(s);
}

bool step_take(struct step *s)
{
    struct login *l = account_login(s->account);

    if (s->number < l->taken)
        return false;
    l->taken = s->number;
    l->unheard = s->done ? STEP_NONE : s->kind;
    account_stay(s->account);
    return true;
}

/* --- who is logged in --- */

/* Another step, or its late answer, may have changed the state meanwhile: what S wants may be so already. */
static bool is_taken_already(const struct step *s)
{
    const struct tg_account *a = s->account;
    const struct login *l = account_login(a);

    if (account_is_inside(a))
        return true;
    switch (s->kind) {
    case STEP_PHONE:
        return l->unheard == STEP_PHONE && tg_account_state(a) == TG_ACCOUNT_WAIT_CODE &&
               strcmp(l->code.phone, s->phone) == 0;
    case STEP_RESEND:
        return l->unheard == STEP_RESEND && login_has_code(a);
    case STEP_CODE:
        return tg_account_state(a) == TG_ACCOUNT_WAIT_PASSWORD ||
               (l->unheard == STEP_CODE && tg_account_state(a) == TG_ACCOUNT_WAIT_REGISTRATION);
    case STEP_QR:
        return l->unheard == STEP_QR && tg_account_state(a) == TG_ACCOUNT_WAIT_QR;
    case STEP_EMAIL:
        return l->unheard == STEP_EMAIL && tg_account_state(a) == TG_ACCOUNT_WAIT_EMAIL_CODE;
    case STEP_EMAIL_CODE:
        return tg_account_state(a) == TG_ACCOUNT_WAIT_PASSWORD ||
               (l->unheard == STEP_EMAIL_CODE && tg_account_state(a) == TG_ACCOUNT_WAIT_CODE);
    default:
        return false;
    }
}

/* The REST client asked for S; whose login there is is known now. */
static void go_on(struct step *s)
{
    struct fault fault = {0};

    if (is_taken_already(s)) {
        account_login(s->account)->unheard = STEP_NONE;
        step_end(s, NULL);
        return;
    }
    int err = s->go(s, &fault);
    if (err)
        step_end_failed(s, err, fault.text);
}

bool login_is_nobody(const struct tg_answer *answer)
{
    return answer->outcome == TG_RPC_ERROR && answer->error->code == 401 &&
           strcmp(answer->error->message, "AUTH_KEY_PERM_EMPTY") != 0;
}

/* Learns who is logged in from users.getUsers of ourselves. False: that is not known. */
static bool learn_self(struct tg_account *a, const struct tg_answer *answer)
{
    json_t *users = NULL;

    if (login_is_nobody(answer)) {
        account_login_settled(a);
        if (strcmp(answer->error->message, "SESSION_PASSWORD_NEEDED") == 0 &&
            (login_has_code(a) || tg_account_state(a) == TG_ACCOUNT_WAIT_QR))
            (void)account_set_state(a, TG_ACCOUNT_WAIT_PASSWORD, NULL, LOGIN_PASSWORD_REMEDY);
        return true;
    }
    if (answer->outcome != TG_RESULT ||
        tl_tree_result(tg_account_env(a)->schema, answer->method, answer->data, answer->len, &users, NULL, NULL) != 0)
        return false;
    json_t *authorization = json_pack("{s:s, s:O?}", "_", "auth.authorization", "user", json_array_get(users, 0));
    int err = login_take_authorization(a, authorization);
    json_decref(authorization);
    json_decref(users);
    return err == 0;
}

static void on_self(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;

    if (learn_self(s->account, answer))
        go_on(s);
    else
        step_end(s, answer->outcome == TG_RESULT
                        ? &(struct tg_answer){.outcome = TG_NO_ANSWER,
                                              .err = TGC_EPROTO,
                                              .detail = "Telegram's word on who is logged in cannot be read"}
                        : answer);
}

json_t *login_self_params(void)
{
    return json_pack("{s:[{s:s}]}", "id", "_", "inputUserSelf");
}

int step_begin(struct step *s, struct fault *fault)
{
    struct tg_account *a = s->account;
    /* A code and a password belong to the number before, wherever another one's may be under way to. */
    if (s->kind != STEP_PHONE)
        account_move_back(a);
    bool is_sure = !account_login_is_unsettled(a) && account_login(a)->unheard != s->kind;
    int err = is_sure ? s->go(s, fault)
                      : tg_invoke_named(a, "users.getUsers", login_self_params(), s->deadline_us, TG_INVOKE_LOGIN,
                                        on_self, s, fault);

    if (err)
        step_drop(s);
    return err;
}

static void on_fate(void *ctx, const struct tg_answer *answer)
{
    (void)learn_self(ctx, answer);
}

void login_ask_fate(struct tg_account *a)
{
    struct fault fault;

    if (tg_invoke_named(a, "users.getUsers", login_self_params(),
                        tg_now(tg_account_env(a)) + tg_account_env(a)->request_timeout_us, TG_INVOKE_LOGIN, on_fate, a,
                        &fault) != 0)
        log_debug("tg", "account %s: who is logged in cannot be asked: %s", tg_account_name(a), fault.text);
}

/* --- asking and ending --- */

static void tell(struct step *s, const struct tg_answer *failure)
{
    tg_step_fn *done = s->done;

    leave(s);
    s->done = NULL;
    if (done)
        done(s->ctx, failure);
}

/* Who waits goes; the step goes on. */
static void on_unknown(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;

    tell(s, answer);
    if (s->unknown)
        s->unknown(s);
}

int step_ask(struct step *s, const char *method, json_t *params, tg_answer_fn *answered, struct fault *fault)
{
    const struct tg_env *env = tg_account_env(s->account);
    struct tg_ask ask = {.method = tl_find_method(env->schema, method),
                         .params = params,
                         .deadline_us = s->deadline_us,
                         .flags = TG_INVOKE_LOGIN,
                         .effect = {.what = TG_EFFECT_LOGIN},
                         .done = answered,
                         .unknown = on_unknown,
                         .ctx = s};
    int err;

    if (!params)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    if (ask.method)
        err = tg_invoke(s->account, &ask, fault);
    else
        err = fault_set(fault, TGC_EUNKNOWN, "layer %d has no %s", tl_schema_layer(env->schema), method);
    json_decref(params);
    return err;
}

void step_end(struct step *s, const struct tg_answer *failure)
{
    struct tg_account *a = s->account;
    tg_step_fn *done = s->done;
    void *ctx = s->ctx;
    bool is_lost =
        failure && failure->sent && failure->err == TGC_ELOST && s->kind != STEP_LOGOUT && s->kind != STEP_IMPORT;

    bool is_taken = s->number <= account_login(a)->taken;
    step_drop(s);
    /* What the steps before it left is tied to the key that they were taken with. */
    if (failure && !is_taken && !account_is_closing(a))
        account_move_back(a);
    if (is_lost && !account_is_closing(a) && account_login_is_unsettled(a) && !account_is_inside(a))
        login_ask_fate(a);
    if (done)
        done(ctx, failure);
}

void step_end_failed(struct step *s, int err, const char *detail)
{
    step_end(s, &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = err, .detail = detail});
}

/* What a refusal says of the whole login. */
static void hear_end(const struct step *s, const struct tg_answer *answer)
{
    /* Not by the word on an older code than the one that is waited for now. */
    if (answer->outcome != TG_RPC_ERROR || !s->done || s->kind == STEP_LOGOUT)
        return;
    if (strcmp(answer->error->message, "PHONE_CODE_EXPIRED") == 0)
        login_start_over(s->account, "the code has expired");
    else if (strcmp(answer->error->message, "AUTH_RESTART") == 0)
        login_start_over(s->account, "Telegram wants this login to begin again, with the phone number");
}

json_t *step_tree(struct step *s, const struct tg_answer *answer)
{
    struct fault fault = {0};
    json_t *tree = NULL;

    if (answer->outcome != TG_RESULT) {
        hear_end(s, answer);
        /* What an older, or a second, question could not do, another one did. */
        bool is_done = s->kind != STEP_PHONE && account_is_inside(s->account) && s->kind != STEP_LOGOUT;
        step_end(s, is_done ? NULL : answer);
        return NULL;
    }
    int err = tl_tree_result(tg_account_env(s->account)->schema, answer->method, answer->data, answer->len, &tree, NULL,
                             &fault);
    if (err) {
        step_end_failed(s, err, fault.text);
        return NULL;
    }
    return tree;
}
