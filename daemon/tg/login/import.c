#include "daemon/tg/login/import.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/tg/account/saved.h"
#include "daemon/tg/login/step.h"
#include "daemon/tl/tree.h"

/* --- making it --- */

static bool is_environment(const struct tg_env *env, const char *name)
{
    return strcmp(env->environment, name) == 0;
}

/* In an environment of one's own the other program's word for the test servers means nothing. */
static bool is_of_another_environment(const struct tg_env *env, const struct session_string *s)
{
    return (s->test == SESSION_YES && is_environment(env, "production")) ||
           (s->test == SESSION_NO && is_environment(env, "test"));
}

static int judge(const struct tg_env *env, const struct session_string *s, struct fault *fault)
{
    if (!env->api_id)
        return fault_set(fault, TGC_EINVAL, "no api_id is configured, without which Telegram serves nobody");
    int err = 0;
    if (s->bot == SESSION_YES)
        err = fault_set(fault, TGC_EINVAL, "it is a bot's, and group calls can only be run by users");
    else if (is_of_another_environment(env, s))
        err = fault_set(fault, TGC_EINVAL, "it is of the %s servers, and this daemon's environment is %s",
                        s->test == SESSION_YES ? "test" : "production", env->environment);
    else if (!tg_dc_find(env->dcs, s->dc))
        err = fault_set(fault, TGC_EINVAL, "it is of data centre %d, and the environment %s has none of that number",
                        s->dc, env->environment);
    if (err)
        fault_path_member(fault, "text");
    return err;
}

int tg_import_new(const struct tg_env *env, const char *name, const struct session_string *s, struct tg_account **ret,
                  struct fault *fault)
{
    const struct tg_saved saved = {.name = name,
                                   .state = TG_ACCOUNT_WAIT_LOGIN,
                                   .reason = "who is logged in with its session is being asked",
                                   .remedy = "",
                                   .home_dc = s->dc,
                                   .is_import = true,
                                   .key = {.key = s->key, .is_new = true}};
    int err = judge(env, s, fault);

    if (err)
        return err;
    err = tg_account_restore(env, &saved, ret);
    return err ? fault_set(fault, err, "%s", tgc_err_text(err)) : 0;
}

/* --- checking it --- */

static void end_refused(struct step *s, const char *detail, const char *remedy)
{
    step_end(s, &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = TGC_EREFUSED, .detail = detail, .remedy = remedy});
}

static void take_user(struct step *s, json_t *users)
{
    struct tg_account *a = s->account;
    json_t *user = json_array_get(users, 0);

    if (json_is_true(json_object_get(user, "bot"))) {
        account_let_go(a, "it was a bot's");
        end_refused(s, "this session is a bot's, and group calls can only be run by users",
                    "Import the session of a user");
        return;
    }
    json_t *authorization = json_pack("{s:s, s:O?}", "_", "auth.authorization", "user", user);
    int err = authorization ? login_take_authorization(a, authorization) : TGC_ENOMEM;
    json_decref(authorization);
    if (err) {
        account_let_go(a, tgc_err_text(err));
        step_end_failed(s, err, "Telegram's word on who is logged in cannot be read");
    } else {
        (void)step_take(s);
        step_end(s, NULL);
    }
}

/* It says what the session is good for, and not only that nobody could say. */
static bool is_final(const struct tg_answer *failure)
{
    if (failure->outcome == TG_RPC_ERROR)
        return login_is_nobody(failure) || failure->error->code == 406;
    return failure->err == TGC_ESTATE || failure->err == TGC_EREFUSED || failure->err == TGC_EPROTO;
}

static void on_self(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;
    struct tg_account *a = s->account;
    json_t *users = NULL;

    if (answer->outcome != TG_RESULT) {
        if (!account_is_closing(a) && (!login_of(a)->importing || is_final(answer)))
            account_let_go(a, "its session could not be checked");
        step_end(s, answer);
        return;
    }
    if (tl_tree_result(tg_account_env(a)->schema, answer->method, answer->data, answer->len, &users, NULL, NULL) != 0)
        users = NULL; /* as of nobody */
    take_user(s, users);
    json_decref(users);
}

int tg_import_check(struct tg_account *a, int64_t deadline_us, tg_step_fn *done, void *ctx, struct fault *fault)
{
    struct step *s;
    int err = step_new(a, STEP_IMPORT, deadline_us, done, ctx, &s, fault);

    if (err)
        return err;
    err = tg_invoke_named(a, "users.getUsers", login_self_params(), deadline_us, TG_INVOKE_ANYWAY, on_self, s, fault);
    if (err)
        step_drop(s);
    return err;
}

/* --- what an earlier process did not come to the end of --- */

/* Between two questions: at first, and at most. */
enum { AGAIN_S = 5, AGAIN_MAX_S = 300 };

struct import_wait {
    struct tg_account *account;
    tg_import_decided_fn *decided;
    void *ctx;
    struct net_timer *timer;
    int again_s; /* the next wait */
};

void import_free(struct tg_account *a)
{
    struct import_wait *w = account_login(a)->importing;

    if (!w)
        return;
    account_login(a)->importing = NULL;
    net_timer_free(w->timer);
    free(w);
}

static void ask_again(struct import_wait *w)
{
    net_timer_set(w->timer, tg_now(tg_account_env(w->account)) + w->again_s * SECOND_US);
    w->again_s = w->again_s < AGAIN_MAX_S / 2 ? w->again_s * 2 : AGAIN_MAX_S;
}

static void decide(struct import_wait *w, const char *why_not)
{
    struct import_wait now = *w;

    import_free(w->account);
    now.decided(now.ctx, now.account, why_not);
}

static void on_checked(void *ctx, const struct tg_answer *failure)
{
    struct import_wait *w = ctx;

    if (account_is_closing(w->account))
        return;
    if (!failure)
        decide(w, NULL);
    else if (is_final(failure))
        decide(w, failure->outcome == TG_RPC_ERROR ? failure->error->message
                  : failure->detail                ? failure->detail
                                                   : tgc_err_text(failure->err));
    else
        ask_again(w);
}

static void on_due(void *ctx)
{
    struct import_wait *w = ctx;
    const struct tg_env *env = tg_account_env(w->account);
    struct tg_saved saved;
    struct fault fault = {0};

    tg_account_saved(w->account, &saved);
    if (!saved.is_import) {
        /* Another step was taken meanwhile, and whoever is inside is. */
        if (account_is_inside(w->account))
            decide(w, NULL);
        else
            import_free(w->account);
    } else if (tg_import_check(w->account, tg_now(env) + env->request_timeout_us, on_checked, w, &fault) != 0) {
        ask_again(w);
    }
}

int tg_import_resume(struct tg_account *a, tg_import_decided_fn *decided, void *ctx)
{
    struct login *l = login_of(a);
    struct import_wait *w = l ? calloc(1, sizeof(*w)) : NULL;

    if (!w)
        return TGC_ENOMEM;
    *w = (struct import_wait){.account = a, .decided = decided, .ctx = ctx, .again_s = AGAIN_S};
    if (net_timer_new(tg_account_env(a)->loop, on_due, w, &w->timer) != 0) {
        free(w);
        return TGC_ENOMEM;
    }
    l->importing = w;
    net_timer_set(w->timer, tg_now(tg_account_env(a)));
    return 0;
}
