/* How an account of an earlier process goes on. */
#include "daemon/base/log.h"
#include "daemon/tg/login/login.h"
#include "daemon/tg/login/step.h"

static void ask(struct tg_account *a);

/* What it says of the login has changed the account already; but nobody sends updates to a session that has not asked.
 */
static void on_state(void *ctx, const struct tg_answer *answer)
{
    struct tg_account *a = ctx;

    if (answer->outcome == TG_NO_ANSWER && answer->err != TGC_ENOMEM && !account_is_closing(a) && account_is_inside(a))
        ask(a);
}

static void ask(struct tg_account *a)
{
    const struct tg_env *env = tg_account_env(a);
    struct fault fault;

    if (tg_invoke_named(a, "updates.getState", json_object(), tg_now(env) + env->request_timeout_us, 0, on_state, a,
                        &fault) != 0)
        log_warning("tg", "account %s: cannot go on: %s", tg_account_name(a), fault.text);
}

void tg_login_resume(struct tg_account *a)
{
    if (account_login_is_unsettled(a))
        login_ask_fate(a);
    else if (account_is_inside(a))
        ask(a);
}
