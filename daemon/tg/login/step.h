/* One step of a login under way, and what the steps so far have left behind. */
#ifndef TGCALLD_TG_LOGIN_STEP_H
#define TGCALLD_TG_LOGIN_STEP_H

#include "daemon/tg/account/inside.h"
#include "daemon/tg/account/account.h"
#include "daemon/tg/account/invoke.h"
#include "daemon/tg/login/sent_code.h"
#include "daemon/tg/login/waiter.h"

/* What a person does in each state. */
#define LOGIN_PASSWORD_REMEDY "Send the two-step verification password with POST /v1/accounts/{account}/login/password"

enum step_kind {
    STEP_NONE,
    STEP_PHONE,
    STEP_CODE,
    STEP_RESEND,
    STEP_CANCEL,
    STEP_REGISTRATION,
    STEP_QR,
    STEP_EMAIL,
    STEP_EMAIL_CODE,
    STEP_PASSWORD,
    STEP_LOGOUT,
    STEP_IMPORT,
};

enum { LOGIN_WORDS_MAX = 320 };

struct login {
    struct sent_code code;  /* that was sent last */
    bool is_setting_up;     /* it went to a new e-mail address, which it is to prove */
    json_t *terms;          /* help.TermsOfService that a registration accepts; NULL */
    char *hint;             /* of the password; owned */
    json_t *tokens;         /* logins of before, which may come back without a code: future_auth_token, newest first */
    struct step *step;      /* the one that somebody waits for; NULL */
    unsigned steps_n;       /* begun so far */
    unsigned taken;         /* the number of the last that was taken */
    enum step_kind unheard; /* it was taken when nobody waited for it any more: asking for it again asks for no more */
    struct qr *qr;          /* the code that is shown, or was; NULL */
    struct password_step *working; /* what the pool is at work on; NULL */
    struct import_wait *importing; /* an import that an earlier process did not come to the end of; NULL */
    struct quit *quits;            /* those who want the account to go; utlist */
    bool is_leaving;               /* it is over, and the account is being forgotten */
};

struct step {
    struct tg_account *account;
    enum step_kind kind;
    unsigned number;
    tg_step_fn *done; /* NULL once who waits was told */
    void *ctx;
    int64_t deadline_us;
    /* Asks for the step itself; 0 or an error with a fault, nothing was asked then. */
    int (*go)(struct step *s, struct fault *fault);
    /* Hears that it was sent and not answered by its deadline; NULL. */
    void (*unknown)(struct step *s);
    char phone[TG_PHONE_MAX], code[64];
    char words[2][LOGIN_WORDS_MAX]; /* first and last name; an e-mail address */
    struct password_step *password;
};

/* The account's login, made where there is none; NULL: no memory. */
struct login *login_of(struct tg_account *a);
/* Forgets what the steps left behind. */
void login_clear(struct tg_account *a);
/* Takes in an auth.Authorization: 0, or TGC_EPROTO. */
int login_take_authorization(struct tg_account *a, const json_t *authorization) TGC_MUST;
/* The answer is an error that says that nobody is logged in with the key: not the one that the key is bound to none. */
bool login_is_nobody(const struct tg_answer *answer);
/* Nobody waits, but who is logged in is no longer known: Telegram is asked. */
void login_ask_fate(struct tg_account *a);
/* A code was sent, and none of it was used up: what it is good for can be given up. */
bool login_has_code(const struct tg_account *a);
/* tokens.c: the future_auth_token of an auth.Authorization or auth.LoggedOut, if it has one, and of the answer to an
 * auth.logOut; the codeSettings of auth.sendCode with those that there are; their end. */
void login_keep_token(struct tg_account *a, const json_t *object);
void login_keep_logout_token(struct tg_account *a, const struct tl_comb *method, const void *data, size_t len);
json_t *login_code_settings(const struct tg_account *a);
void login_forget_tokens(struct tg_account *a);
/* Nothing of the login so far is of use any more: the account waits for a new one. */
void login_start_over(struct tg_account *a, const char *reason);
/* An auth.SentCode that S was answered with, and is freed: ends S. */
void login_hear_sent_code(struct step *s, json_t *sent);
/* The answer to auth.sendCode or auth.resendCode, to auth.signIn or auth.signUp; CTX: the step. */
tg_answer_fn login_on_sent_code, login_on_authorization;
/* s->go() of a code that proves a new e-mail address. */
int login_go_verify(struct step *s, struct fault *fault) TGC_MUST;
/* The code of the account's login goes with every step that it is for: {phone_number, phone_code_hash}. */
json_t *login_code_params(const struct tg_account *a);
/* TEXT into OUT, or TGC_EINVAL with MEMBER as the fault's path where it is longer. */
int login_copy(char *out, size_t size, const char *text, const char *member, struct fault *fault) TGC_MUST;
/* users.getUsers of ourselves; a new reference. */
json_t *login_self_params(void);
/* A password is wanted: reads the hint, then S has been taken. */
void login_need_password(struct step *s);
/* qr.c: a word from Telegram may be about the code that is shown; what there is of it in the Account; its end. */
void qr_on_update(struct tg_account *a);
json_t *qr_json(const struct tg_account *a);
void qr_free(struct tg_account *a);
void import_free(struct tg_account *a);
/* The account goes while the pool is at work on its password. */
void password_abandon(struct tg_account *a);
void password_free(struct password_step *p);

/* Somebody waits for one step of an account at a time, and for none but a logout where the account is to go:
 * TGC_ESTATE. Ended by step_end(), or dropped before anybody was asked. */
int step_new(struct tg_account *a, enum step_kind kind, int64_t deadline_us, tg_step_fn *done, void *ctx,
             struct step **ret, struct fault *fault) TGC_MUST;
/* A step that nobody waits for, and that keeps nobody waiting: TGC_ESTATE where somebody waits for another, or the
 * account is to go. */
int step_new_unwaited(struct tg_account *a, enum step_kind kind, int64_t deadline_us, struct step **ret,
                      struct fault *fault) TGC_MUST;
/* S->go(), once it is known who is logged in. An error dropped S. */
int step_begin(struct step *s, struct fault *fault) TGC_MUST;
void step_drop(struct step *s);
/* METHOD of the step, PARAMS stolen. ANSWERED gets S as its ctx, in time or late; who waits is told at the deadline. */
int step_ask(struct step *s, const char *method, json_t *params, tg_answer_fn *answered, struct fault *fault) TGC_MUST;
/* It was taken: false where a younger step was, so that this answer says nothing any more. */
bool step_take(struct step *s);
/* Frees the step and tells who waits. */
void step_end(struct step *s, const struct tg_answer *failure);
void step_end_failed(struct step *s, int err, const char *detail);
/* Any answer of the login as a tree; NULL ended the step. */
json_t *step_tree(struct step *s, const struct tg_answer *answer);

/* The step of a logout, whoever is inside. Errors are those of step_new() and tg_invoke(). */
int logout_begin(struct tg_account *a, int64_t deadline_us, tg_step_fn *done, void *ctx, struct fault *fault) TGC_MUST;
/* What was under way has ended: those who want the account to go look again, from the loop. */
void quit_look(struct tg_account *a);
/* tg_login_is_quitting() */
bool quit_is_asked(const struct tg_account *a);
/* The account goes: those who still wait are told. */
void quit_abandon(struct tg_account *a);

#endif
