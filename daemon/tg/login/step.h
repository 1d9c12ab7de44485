/* One step of a login under way, and what the steps so far have left behind. */
#ifndef TGCALLD_TG_LOGIN_STEP_H
#define TGCALLD_TG_LOGIN_STEP_H

#include "daemon/tg/account/inside.h"
#include "daemon/tg/account/account.h"
#include "daemon/tg/account/invoke.h"
#include "daemon/tg/login/waiter.h"

/* What a person does in each state. */
#define LOGIN_PASSWORD_REMEDY "Send the two-step verification password with POST /v1/accounts/{account}/login/password"

enum step_kind { STEP_NONE, STEP_PHONE, STEP_CODE, STEP_PASSWORD, STEP_LOGOUT };

/* The code that was sent last. */
struct sent_code {
    char phone[TG_PHONE_MAX];
    char hash[128];
    char kind[48]; /* "app", "sms", … */
    int length;    /* 0: not told */
    char next_kind[48];
    int64_t resend_at; /* Unix seconds; 0 */
};

struct login {
    struct sent_code code;
    char *hint;             /* of the password; owned */
    struct step *step;      /* the one that somebody waits for; NULL */
    unsigned steps_n;       /* begun so far */
    unsigned taken;         /* the number of the last that was taken */
    enum step_kind unheard; /* it was taken when nobody waited for it any more: asking for it again asks for no more */
    struct password_step *working; /* what the pool is at work on; NULL */
    struct quit *quits;            /* those who want the account to go; utlist */
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
    char phone[TG_PHONE_MAX], code[64];
    struct password_step *password;
};

/* The account's login, made where there is none; NULL: no memory. */
struct login *login_of(struct tg_account *a);
/* Forgets what the steps left behind. */
void login_clear(struct tg_account *a);
/* Takes in an auth.Authorization: 0, or TGC_EPROTO. */
int login_take_authorization(struct tg_account *a, const json_t *authorization) TGC_MUST;
/* A password is wanted: reads the hint, then S has been taken. */
void login_need_password(struct step *s);
/* The account goes while the pool is at work on its password. */
void password_abandon(struct tg_account *a);
void password_free(struct password_step *p);

/* Somebody waits for one step of an account at a time, and for none but a logout where the account is to go:
 * TGC_ESTATE. Ended by step_end(), or dropped before anybody was asked. */
int step_new(struct tg_account *a, enum step_kind kind, int64_t deadline_us, tg_step_fn *done, void *ctx,
             struct step **ret, struct fault *fault) TGC_MUST;
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
/* The account goes: those who still wait are told. */
void quit_abandon(struct tg_account *a);

#endif
