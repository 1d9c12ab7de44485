/* Logging in, step by step, as a person does it: each step is one request of the REST client, and none is ever repeated
 * by itself. Who waits for a step may leave before its answer is there; the step goes on, and what comes late counts.
 * Where its answer is lost, or another step is wanted meanwhile, Telegram is asked who is logged in before anything is
 * relied on. The account's thread. */
#ifndef TGCALLD_TG_LOGIN_H
#define TGCALLD_TG_LOGIN_H

#include "daemon/tg/account/account.h"
#include "daemon/tg/login/waiter.h"

/* auth.sendCode. TGC_EINVAL: no api_id is configured (FAULT says where to get one). TGC_ESTATE: logged in already, or
 * (as of every step) another step has not been answered. */
int tg_login_phone(struct tg_account *a, const char *phone, int64_t deadline_us, tg_step_fn *done, void *ctx,
                   struct fault *fault) TGC_MUST;
/* auth.exportLoginToken: a code to be scanned by an app that is logged in. Of all that a login asks this alone is asked
 * again by itself: before the code expires, and when Telegram says that it was scanned; what comes of that shows in the
 * account's state. TGC_EINVAL and TGC_ESTATE as above. */
int tg_login_qr(struct tg_account *a, int64_t deadline_us, tg_step_fn *done, void *ctx, struct fault *fault) TGC_MUST;
/* auth.resendCode: the code goes another way. TGC_ESTATE: no code is waited for; TGC_EBUSY: it is too early, and
 * tg_login_resend_wait_s() says for how long. */
int tg_login_resend(struct tg_account *a, int64_t deadline_us, tg_step_fn *done, void *ctx,
                    struct fault *fault) TGC_MUST;
int64_t tg_login_resend_wait_s(const struct tg_account *a);
/* auth.cancelCode, or the end of the key where no code is out: the account waits for a new login. *RET_IS_DONE: nothing
 * had to be asked for that, and DONE is not called. TGC_ESTATE: no login is under way. */
int tg_login_cancel(struct tg_account *a, int64_t deadline_us, tg_step_fn *done, void *ctx, bool *ret_is_done,
                    struct fault *fault) TGC_MUST;
/* auth.signIn. TGC_ESTATE: no code is waited for. */
int tg_login_code(struct tg_account *a, const char *code, int64_t deadline_us, tg_step_fn *done, void *ctx,
                  struct fault *fault) TGC_MUST;
/* auth.signUp. TGC_ESTATE: no registration is waited for; as of all that take a text, TGC_EINVAL: it is too long. */
int tg_login_registration(struct tg_account *a, const char *first_name, const char *last_name, int64_t deadline_us,
                          tg_step_fn *done, void *ctx, struct fault *fault) TGC_MUST;
/* account.sendVerifyEmailCode: a code goes to the address, which proves it. TGC_ESTATE: none is waited for. */
int tg_login_email(struct tg_account *a, const char *email, int64_t deadline_us, tg_step_fn *done, void *ctx,
                   struct fault *fault) TGC_MUST;
/* The code that came by e-mail: account.verifyEmail of a new address, after which a code is sent to log in with; else
 * auth.signIn. TGC_ESTATE: none is waited for. */
int tg_login_email_code(struct tg_account *a, const char *code, int64_t deadline_us, tg_step_fn *done, void *ctx,
                        struct fault *fault) TGC_MUST;
/* account.getPassword and auth.checkPassword. PASSWORD is copied and wiped. TGC_ESTATE: no password is waited for. */
int tg_login_password(struct tg_account *a, const char *password, size_t len, int64_t deadline_us, tg_step_fn *done,
                      void *ctx, struct fault *fault) TGC_MUST;
/* What the steps so far have left behind, for the next process; secret. NULL: nothing, or no memory. */
json_t *tg_login_saved(const struct tg_account *a);
/* After tg_account_restore(). Of a login that cannot go on with SAVED nothing is left: it begins anew. */
void tg_login_restore(struct tg_account *a, const json_t *saved);
/* After that: an account with a key goes on by it. Whoever was logged in wants updates again, and hears
 * what has become of the login; where a step may have been taken unheard, who is logged in is asked. */
void tg_login_resume(struct tg_account *a);
/* auth.logOut, again and again until the deadline where it is not answered. The key is destroyed here whatever Telegram
 * says, and tg_account_logout() has what is known then; FAILURE is only that the account was closed meanwhile.
 * TGC_ESTATE: nobody is logged in. */
int tg_logout(struct tg_account *a, int64_t deadline_us, tg_step_fn *done, void *ctx, struct fault *fault) TGC_MUST;

/* Nobody is logged in with the account's key, and nothing is under way that could log somebody in. */
bool tg_login_is_over(const struct tg_account *a);
/* The account is to go: when what is under way of its login has ended, whoever is logged in then is logged out as
 * tg_logout() does it. No step begins meanwhile. FAILURE, and the account stays: TGC_EBUSY where a step was under way
 * until the deadline; what kept auth.logOut from being asked for at all; or it was closed meanwhile. TGC_ENOMEM. */
int tg_login_quit(struct tg_account *a, int64_t deadline_us, tg_step_fn *done, void *ctx, struct fault *fault) TGC_MUST;
/* Whether what remains of an account whose login is over is being forgotten: then it still counts as quitting, and
 * nobody logs in with it. */
void tg_login_leave(struct tg_account *a, bool is_leaving);
/* Somebody waits for either. */
bool tg_login_is_quitting(const struct tg_account *a);

/* Whether a caller's own call of METHOD would move a login that is there: TGC_EEXIST, with the way to do it in FAULT.
 */
int tg_login_judge(const struct tg_account *a, const struct tl_comb *method, struct fault *fault) TGC_MUST;
/* A caller's own method, as tg_invoke() asks it, without ASK->unknown: who asked hears at the deadline at the latest,
 * and the account's state follows the result whenever it comes. */
int tg_login_invoke(struct tg_account *a, const struct tg_ask *ask, struct fault *fault) TGC_MUST;
/* What a caller's own method did to the account, by its result: the state follows. */
void tg_login_follow(struct tg_account *a, const struct tl_comb *method, const void *data, size_t len);

#endif
