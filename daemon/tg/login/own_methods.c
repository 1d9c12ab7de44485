/* A caller's own methods: which would move a login that is there, and what those that are asked did to it. */
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/login/login.h"
#include "daemon/tg/login/step.h"
#include "daemon/tl/tree.h"

int tg_login_judge(const struct tg_account *a, const struct tl_comb *method, struct fault *fault)
{
    /* These leave the account's own login where it is, or end it as a whole. */
    static const char *const harmless[] = {"auth.acceptLoginToken", "auth.checkRecoveryPassword",
                                           "auth.dropTempAuthKeys", "auth.exportAuthorization",
                                           "auth.logOut",           "auth.resetAuthorizations"};

    if (!account_is_inside(a) || strncmp(method->name, "auth.", 5) != 0)
        return 0;
    for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
        if (strcmp(method->name, harmless[i]) == 0)
            return 0;
    return fault_set(fault, TGC_EEXIST, "the account is logged in, and %s would move or end that login", method->name);
}

void tg_login_follow(struct tg_account *a, const struct tl_comb *method, const void *data, size_t len)
{
    json_t *tree = NULL;

    account_frozen_hear(a, method, data, len);
    if (strcmp(method->name, "auth.logOut") == 0) {
        login_keep_logout_token(a, method, data, len);
        login_clear(a);
        account_leave(a, true, NULL, NULL);
        return;
    }
    bool is_end = strcmp(method->name, "account.deleteAccount") == 0;
    if ((!is_end && strncmp(method->name, "auth.", 5) != 0) ||
        tl_tree_result(tg_account_env(a)->schema, method, data, len, &tree, NULL, NULL) != 0)
        return;
    const char *name = json_string_value(json_object_get(tree, "_"));
    if (is_end && json_is_true(tree)) {
        login_clear(a);
        account_leave(a, true, "the Telegram account was deleted",
                      "Log in with another phone number by POST /v1/accounts/{account}/login");
    } else if (name && strcmp(name, "auth.authorization") == 0) {
        (void)!login_take_authorization(a, tree);
    }
    json_decref(tree);
}

/* --- asking --- */

struct own {
    struct tg_account *account;
    tg_answer_fn *done; /* NULL once who asked was told */
    void *ctx;
};

static void on_answer(void *ctx, const struct tg_answer *answer)
{
    struct own *o = ctx;
    struct tg_account *a = o->account;
    tg_answer_fn *done = o->done;
    void *done_ctx = o->ctx;

    free(o);
    quit_look(a);
    if (answer->outcome == TG_RESULT)
        tg_login_follow(a, answer->method, answer->data, answer->len);
    if (done)
        done(done_ctx, answer);
}

/* Who asked goes; what is still to come is followed. */
static void on_unknown(void *ctx, const struct tg_answer *answer)
{
    struct own *o = ctx;
    tg_answer_fn *done = o->done;

    quit_look(o->account);
    o->done = NULL;
    done(o->ctx, answer);
}

int tg_login_invoke(struct tg_account *a, const struct tg_ask *ask, struct fault *fault)
{
    struct tg_ask own = *ask;

    if (ask->effect.what == TG_EFFECT_LOGIN && tg_login_is_quitting(a))
        return fault_set(fault, TGC_ESTATE, "the account is being removed");
    struct own *o = malloc(sizeof(*o));
    if (!o)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    *o = (struct own){.account = a, .done = ask->done, .ctx = ask->ctx};
    own.done = on_answer;
    own.unknown = on_unknown;
    own.ctx = o;
    int err = tg_invoke(a, &own, fault);
    if (err)
        free(o);
    return err;
}
