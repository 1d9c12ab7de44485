/* Whether the login still stands, and the server knows where its updates go. A login that is ended elsewhere is told to
 * who asks, and its connections are closed; an account that has nothing to ask would come back and stay "ready" for
 * ever. And a session that has asked for nothing, as one that the server made anew or that follows a temporary key, is
 * sent no updates. So after each loss of the link, and in each new session, what was missed is asked for once, a moment
 * later (follow.c); and not again at once where links or sessions come and go. */
#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/inside.h"

enum { SOON_S = 1, LINK_PACE_S = 60, SESSION_PACE_S = 10 };

static void ask_at(struct tg_account *a, int64_t due_us)
{
    if (a->closing || !account_is_inside(a) || (a->standing_due_us && a->standing_due_us <= due_us))
        return;
    a->standing_due_us = due_us;
    account_wake_at(a, due_us);
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

void account_standing_tick(struct tg_account *a)
{
    int64_t now = tg_now(a->env);

    if (!a->standing_due_us)
        return;
    if (now < a->standing_due_us) {
        account_wake_at(a, a->standing_due_us);
        return;
    }
    a->standing_due_us = 0;
    a->standing_asked_us = now;
    account_follow(a);
}
