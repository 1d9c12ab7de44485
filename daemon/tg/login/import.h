/* A login that another program made: the account goes on by that program's key, once Telegram has said who is logged in
 * with it. The account's thread. */
#ifndef TGCALLD_TG_IMPORT_H
#define TGCALLD_TG_IMPORT_H

#include "daemon/tg/account/account.h"
#include "daemon/tg/login/waiter.h"
#include "daemon/tg/strings/session_string.h"

/* An account in state wait_login that has S's key, and nothing else: no connection yet. TGC_EINVAL: it is not for this
 * environment, or for nobody here (FAULT has why, and "text" as its path where S itself is what is wrong); TGC_ENOMEM.
 */
int tg_import_new(const struct tg_env *env, const char *name, const struct session_string *s, struct tg_account **ret,
                  struct fault *fault) TGC_MUST;
/* Connects by that key and asks who is logged in: a user, and the account is ready. Else FAILURE says why not, and the
 * account is of no use: its key is forgotten here, and Telegram hears nothing of that, as the login is the other
 * program's still. TGC_ESTATE, TGC_ENOMEM: nothing was asked. */
int tg_import_check(struct tg_account *a, int64_t deadline_us, tg_step_fn *done, void *ctx,
                    struct fault *fault) TGC_MUST;

/* After tg_account_restore() of an import that had not come to its end: the same question, again and again until
 * Telegram has answered it. DECIDED hears it once, unless the account goes first: WHY_NOT is NULL, and the account is
 * ready; or the end of a sentence, and it is of no use. TGC_ENOMEM. */
typedef void tg_import_decided_fn(void *ctx, struct tg_account *a, const char *why_not);
int tg_import_resume(struct tg_account *a, tg_import_decided_fn *decided, void *ctx) TGC_MUST;

#endif
