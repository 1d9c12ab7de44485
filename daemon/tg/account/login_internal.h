#ifndef TGCALLD_TG_LOGIN_INTERNAL_H
#define TGCALLD_TG_LOGIN_INTERNAL_H

#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/login.h"

/* One step under way. */
struct step {
    struct tg_account *account;
    tg_step_fn *done;
    void *ctx;
    int64_t deadline_us;
};

/* An account takes one step at a time: TGC_ESTATE. Ended by step_end(), or dropped before anybody was asked. */
int step_new(struct tg_account *a, int64_t deadline_us, tg_step_fn *done, void *ctx, struct step **ret,
             struct fault *fault) TGC_MUST;
void step_drop(struct step *s);
/* Frees the step and tells its caller. */
void step_end(struct step *s, const struct tg_answer *failure);
void step_end_failed(struct step *s, int err, const char *detail);

/* Takes in an auth.Authorization (or auth.SentCode that brought one): 0, or TGC_EPROTO. */
int login_take_authorization(struct tg_account *a, const json_t *authorization) TGC_MUST;
/* A password is needed: reads the hint, then the state is wait_password. Ends S. */
void login_need_password(struct step *s);

/* The account goes while the pool is at work on its passwords: their steps end now. */
void login_password_abandon(struct tg_account *a);

/* The members of the REST Account that belong to a login under way. */
void login_put_json(const struct tg_account *a, json_t *account);
/* Forgets a login under way. */
void login_clear(struct tg_account *a);

#endif
