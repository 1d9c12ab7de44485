/* What an account is: which state may follow which, and what goes with it. */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/log.h"
#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/refresh.h"

const char *tg_account_state_text(enum tg_account_state state)
{
    static const char *const texts[] = {
#define X(name, text) text,
        TG_ACCOUNT_STATES(X)
#undef X
    };

    return texts[state];
}

#define BIT(name) (1u << TG_ACCOUNT_##name)
#define STEPS                                                                                                          \
    (BIT(WAIT_LOGIN) | BIT(WAIT_CODE) | BIT(WAIT_PASSWORD) | BIT(WAIT_REGISTRATION) | BIT(WAIT_EMAIL) |                \
     BIT(WAIT_EMAIL_CODE))
/* Not logged in: a login may begin, go on, end. That a login which is not there was revoked is no news. */
#define OUTSIDE (STEPS | BIT(READY) | BIT(LOGGED_OUT) | BIT(DUPLICATED) | BIT(BANNED) | BIT(LAYER_TOO_OLD))
/* Logged in: no login may begin, and no layer is too old for it. */
#define INSIDE (BIT(READY) | BIT(FROZEN) | BIT(LOGGED_OUT) | BIT(REVOKED) | BIT(DUPLICATED) | BIT(BANNED))

static const unsigned legal[] = {
    [TG_ACCOUNT_WAIT_LOGIN] = OUTSIDE,
    [TG_ACCOUNT_WAIT_CODE] = OUTSIDE,
    [TG_ACCOUNT_WAIT_PASSWORD] = OUTSIDE,
    [TG_ACCOUNT_WAIT_REGISTRATION] = OUTSIDE,
    [TG_ACCOUNT_WAIT_EMAIL] = OUTSIDE,
    [TG_ACCOUNT_WAIT_EMAIL_CODE] = OUTSIDE,
    [TG_ACCOUNT_READY] = INSIDE,
    [TG_ACCOUNT_LOGGED_OUT] = OUTSIDE,
    [TG_ACCOUNT_REVOKED] = OUTSIDE | BIT(REVOKED),
    [TG_ACCOUNT_DUPLICATED] = OUTSIDE,
    [TG_ACCOUNT_FROZEN] = INSIDE,
    [TG_ACCOUNT_BANNED] = OUTSIDE,
    [TG_ACCOUNT_LAYER_TOO_OLD] = OUTSIDE,
};

bool account_is_inside(const struct tg_account *a)
{
    return a->state == TG_ACCOUNT_READY || a->state == TG_ACCOUNT_FROZEN;
}

bool account_set_state(struct tg_account *a, enum tg_account_state state, const char *reason, const char *remedy)
{
    if (!(legal[a->state] & 1u << state)) {
        log_debug("tg", "account %s: stays %s, and does not become %s", a->name, tg_account_state_text(a->state),
                  tg_account_state_text(state));
        return false;
    }
    if (a->state != state)
        log_info("tg", "account %s: %s%s%s", a->name, tg_account_state_text(state), reason ? ": " : "",
                 reason ? reason : "");
    if (state == TG_ACCOUNT_FROZEN && a->state != state)
        account_frozen_begin(a);
    a->state = state;
    snprintf(a->reason, sizeof(a->reason), "%s", reason ? reason : "");
    snprintf(a->remedy, sizeof(a->remedy), "%s", remedy ? remedy : "");
    const struct tg_listener *listener = a->env->listener;
    if (listener && listener->account_changed)
        listener->account_changed(listener->ctx, a);
    return true;
}

/* All that belongs to a user. */
static void forget_user(struct tg_account *a)
{
    floods_clear(&a->floods);
    tg_known_clear(a->known);
    json_decref(a->self);
    a->self = NULL;
}

void account_enter(struct tg_account *a, int64_t user_id, json_t *user)
{
    if (a->user_id && a->user_id != user_id) {
        log_info("tg", "account %s: another user than before", a->name);
        forget_user(a);
    }
    a->user_id = a->self_id = user_id;
    json_decref(a->self);
    a->self = user;
    a->login_unsettled = false;
    account_stay(a);
    (void)account_set_state(a, TG_ACCOUNT_READY, NULL, NULL);
}

void account_end_login(struct tg_account *a, enum tg_account_state state, const char *reason, const char *remedy)
{
    if (!account_set_state(a, state, reason, remedy))
        return;
    tg_known_end_login(a->known);
    a->self_id = 0;
    a->login_unsettled = false;
    account_disconnect(a, reason ? reason : tg_account_state_text(state));
}

void account_leave(struct tg_account *a, const char *reason, const char *remedy)
{
    forget_user(a);
    if (a->client)
        tg_client_destroy_key(a->client);
    account_end_login(a, TG_ACCOUNT_LOGGED_OUT, reason, remedy);
}
