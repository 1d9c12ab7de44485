/* The states of an account, and which may follow which. */
#ifndef TGCALLD_TG_STATE_H
#define TGCALLD_TG_STATE_H

#include <stdbool.h>

/* name, text */
#define TG_ACCOUNT_STATES(X)                                                                                           \
    X(WAIT_LOGIN, "wait_login")                                                                                        \
    X(WAIT_CODE, "wait_code")                                                                                          \
    X(WAIT_QR, "wait_qr")                                                                                              \
    X(WAIT_PASSWORD, "wait_password")                                                                                  \
    X(WAIT_REGISTRATION, "wait_registration")                                                                          \
    X(WAIT_EMAIL, "wait_email")                                                                                        \
    X(WAIT_EMAIL_CODE, "wait_email_code")                                                                              \
    X(READY, "ready")                                                                                                  \
    X(LOGGED_OUT, "logged_out")                                                                                        \
    X(REVOKED, "revoked")                                                                                              \
    X(DUPLICATED, "duplicated")                                                                                        \
    X(FROZEN, "frozen")                                                                                                \
    X(BANNED, "banned")                                                                                                \
    X(LAYER_TOO_OLD, "layer_too_old")

enum tg_account_state {
#define X(name, text) TG_ACCOUNT_##name,
    TG_ACCOUNT_STATES(X)
#undef X
};

const char *tg_account_state_text(enum tg_account_state state);
bool tg_account_state_may_follow(enum tg_account_state before, enum tg_account_state after);

/* What is known of the login that an account was logged out of. */
enum tg_logout {
    TG_LOGOUT_NONE,        /* it was not */
    TG_LOGOUT_CONFIRMED,   /* Telegram said that it is over */
    TG_LOGOUT_UNCONFIRMED, /* its key is gone here, and Telegram may still count it as a login */
};

#endif
