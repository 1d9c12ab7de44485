/* A login under way: the account as the daemon last answered it, and the steps that lead on from its state. */
#ifndef TGCALLD_CTL_LOGIN_H
#define TGCALLD_CTL_LOGIN_H

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/prompt.h"

struct ctl_login {
    const struct ctl *ctl;
    const char *name;
    char path[160];  /* of the account */
    json_t *account; /* owned */
    bool is_over;    /* the user gave up, or there is nobody to ask any more */
    json_t *told;    /* what was last said of a code that is out; owned */
};

/* What a state of the account wants next. CTL_DONE: the account moved on. */
typedef enum ctl_exit login_step_fn(struct ctl_login *l);
login_step_fn login_step_start, login_step_code, login_step_password, login_step_registration, login_step_email,
    login_step_email_code, login_step_qr;

/* POST …/login or, with STEP, …/login/STEP; BODY's reference is taken. The account is the answer. */
enum ctl_exit login_post(struct ctl_login *l, const char *step, json_t *body) TGC_MUST;
/* Reads the account anew. */
enum ctl_exit login_refresh(struct ctl_login *l) TGC_MUST;
/* POST …/login/cancel, and the end of it. */
enum ctl_exit login_give_up(struct ctl_login *l) TGC_MUST;

/* What was asked for is in OUT, without blanks around it but for a SECRET, which is taken as it is typed; or the login
 * is over, and why was said. WHAT names it in that sentence. */
enum ctl_exit login_ask(struct ctl_login *l, const char *prompt, const char *what, bool is_secret,
                        char out[static PROMPT_SIZE]) TGC_MUST;

#endif
