#include "daemon/tg/account/state.h"

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
    (BIT(WAIT_LOGIN) | BIT(WAIT_CODE) | BIT(WAIT_QR) | BIT(WAIT_PASSWORD) | BIT(WAIT_REGISTRATION) | BIT(WAIT_EMAIL) | \
     BIT(WAIT_EMAIL_CODE))
/* Not logged in: a login may begin, go on, end. That a login which is not there was revoked is no news. */
#define OUTSIDE (STEPS | BIT(READY) | BIT(LOGGED_OUT) | BIT(DUPLICATED) | BIT(BANNED) | BIT(LAYER_TOO_OLD))
/* Logged in: no login may begin, and no layer is too old for it. */
#define INSIDE (BIT(READY) | BIT(FROZEN) | BIT(LOGGED_OUT) | BIT(REVOKED) | BIT(DUPLICATED) | BIT(BANNED))

static const unsigned legal[] = {
    [TG_ACCOUNT_WAIT_LOGIN] = OUTSIDE,
    [TG_ACCOUNT_WAIT_CODE] = OUTSIDE,
    [TG_ACCOUNT_WAIT_QR] = OUTSIDE,
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

bool tg_account_state_may_follow(enum tg_account_state before, enum tg_account_state after)
{
    return legal[before] & 1u << after;
}
