#include "daemon/tg/account/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/fill.h"
#include "daemon/base/log.h"
#include "daemon/base/meter.h"
#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/note.h"

bool account_is_inside(const struct tg_account *a)
{
    return a->state == TG_ACCOUNT_READY || a->state == TG_ACCOUNT_FROZEN;
}

/* They are counted by their order. */
#define X(name, text)                                                                                                  \
    _Static_assert(METER_ACCOUNT_##name - METER_ACCOUNT_WAIT_LOGIN == (int)TG_ACCOUNT_##name,                          \
                   "a meter for each state, in the same order");
TG_ACCOUNT_STATES(X)
#undef X

void account_count(struct tg_account *a, int by)
{
    meter_add(a->env->meter, METER_ACCOUNT_WAIT_LOGIN + a->state, by);
}

bool account_set_state(struct tg_account *a, enum tg_account_state state, const char *reason, const char *remedy)
{
    if (!tg_account_state_may_follow(a->state, state)) {
        log_debug("tg", "account %s: stays %s, and does not become %s", a->name, tg_account_state_text(a->state),
                  tg_account_state_text(state));
        return false;
    }
    enum tg_account_state state_before = a->state;
    char reason_before[sizeof(a->reason)];

    memcpy(reason_before, a->reason, sizeof(reason_before));
    if (a->state != state)
        log_info("tg", "account %s: %s%s%s", a->name, tg_account_state_text(state), reason ? ": " : "",
                 reason ? reason : "");
    if (state == TG_ACCOUNT_FROZEN && a->state != state)
        account_frozen_begin(a);
    account_count(a, -1);
    a->state = state;
    account_count(a, 1);
    snprintf(a->reason, sizeof(a->reason), "%s", reason ? reason : "");
    fill_name(a->remedy, sizeof(a->remedy), remedy ? remedy : "", "account", a->name);
    const struct tg_listener *listener = a->env->listener;
    if (listener && listener->account_changed)
        listener->account_changed(listener->ctx, a);
    if (listener && listener->account_told && (state != state_before || strcmp(a->reason, reason_before) != 0))
        listener->account_told(listener->ctx, a, (int)state_before, reason_before);
    tg_account_note(a);
    return true;
}

/* All that belongs to a user. */
static void forget_user(struct tg_account *a)
{
    floods_clear(&a->floods);
    tg_known_clear(a->known);
    account_unfollow(a);
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
    a->login_unsettled = a->is_foreign = false;
    account_stay(a);
    (void)account_set_state(a, TG_ACCOUNT_READY, NULL, NULL);
    account_follow(a);
}

void account_end_login(struct tg_account *a, enum tg_account_state state, const char *reason, const char *remedy)
{
    if (!account_set_state(a, state, reason, remedy))
        return;
    tg_known_end_login(a->known);
    account_unfollow(a);
    a->logout = TG_LOGOUT_NONE;
    a->self_id = 0;
    a->login_unsettled = false;
    account_disconnect(a, reason ? reason : tg_account_state_text(state));
}

void account_leave(struct tg_account *a, bool confirmed, const char *reason, const char *remedy)
{
    forget_user(a);
    /* Nothing is under way by this key any more: what is still to be carried out finds none. */
    invoke_unsend_all(a);
    if (a->client)
        tg_client_destroy_key(a->client);
    account_end_login(a, TG_ACCOUNT_LOGGED_OUT, reason, remedy);
    a->logout = confirmed ? TG_LOGOUT_CONFIRMED : TG_LOGOUT_UNCONFIRMED;
    tg_account_note(a);
}

void account_begin_anew(struct tg_account *a)
{
    if (!account_set_state(a, TG_ACCOUNT_WAIT_LOGIN, NULL, NULL))
        return;
    invoke_unsend_all(a);
    if (a->client)
        tg_client_destroy_key(a->client);
    a->login_unsettled = false;
    account_disconnect(a, "the login was given up");
}
