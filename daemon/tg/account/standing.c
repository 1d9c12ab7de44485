/* Whether the login still stands, and the server knows where its updates go. A login that is ended elsewhere is told to
 * who asks, and its connections are closed; an account that has nothing to ask would come back and stay "ready" for
 * ever. And a session that has asked for nothing, as one that the server made anew or that follows a temporary key, is
 * sent no updates. So after each loss of the link, and in each new session, it is asked once, a moment later, unless
 * something else was answered meanwhile; and not again at once where links or sessions come and go. Home again after a
 * move that came to nothing, the account is not sent away by that question, but tries again later. */
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/inside.h"
#include "daemon/tg/account/invoke.h"

enum { SOON_S = 1, LINK_PACE_S = 60, SESSION_PACE_S = 10 };

static void ask_at(struct tg_account *a, int64_t due_us)
{
    if (a->closing || !account_is_inside(a) || a->standing_is_asked ||
        (a->standing_due_us && a->standing_due_us <= due_us))
        return;
    a->standing_due_us = due_us;
    account_wake_at(a, due_us);
}

static void on_state(void *ctx, const struct tg_answer *answer)
{
    struct tg_account *a = ctx;

    a->standing_is_asked = false;
    if (answer->outcome == TG_RPC_ERROR && strcmp(answer->error->family, "USER_MIGRATE_X") == 0 &&
        tg_now(a->env) < a->stays_until_us)
        ask_at(a, a->stays_until_us);
    /* What an answer says has changed the account already. */
    if (answer->outcome == TG_NO_ANSWER && answer->err != TGC_ENOMEM)
        account_standing_doubted(a);
}

static void ask(struct tg_account *a)
{
    int64_t now = tg_now(a->env);
    struct fault fault;

    a->standing_due_us = 0;
    a->standing_asked_us = now;
    a->standing_is_asked = true;
    if (tg_invoke_named(a, "updates.getState", json_object(), now + a->env->request_timeout_us,
                        now < a->stays_until_us ? TG_INVOKE_HERE : 0, on_state, a, &fault) != 0) {
        a->standing_is_asked = false;
        log_debug("tg", "account %s: whether its login stands cannot be asked: %s", a->name, fault.text);
    }
}

static void ask_soon(struct tg_account *a, int pace_s)
{
    int64_t due_us = tg_now(a->env) + SOON_S * SECOND_US;

    if (a->standing_asked_us && due_us < a->standing_asked_us + pace_s * SECOND_US)
        due_us = a->standing_asked_us + pace_s * SECOND_US;
    ask_at(a, due_us);
}

void account_standing_doubted(struct tg_account *a)
{
    ask_soon(a, LINK_PACE_S);
}

void account_session_is_new(struct tg_account *a)
{
    ask_soon(a, SESSION_PACE_S);
}

void account_standing_shown(struct tg_account *a)
{
    a->standing_due_us = 0;
}

void account_standing_tick(struct tg_account *a)
{
    if (!a->standing_due_us)
        return;
    int64_t now = tg_now(a->env);
    /* In the midst of a move the login stands at two places, or between them. */
    if (a->moving_to || a->former.key)
        a->standing_due_us = now + SOON_S * SECOND_US;
    if (!account_is_inside(a))
        a->standing_due_us = 0;
    else if (now >= a->standing_due_us)
        ask(a);
    else
        account_wake_at(a, a->standing_due_us);
}
