/* Who waits for a step of a login. */
#ifndef TGCALLD_TG_WAITER_H
#define TGCALLD_TG_WAITER_H

#include "daemon/tg/account/ask.h"

/* FAILURE is NULL when the step was taken (the account's state says where that leads), else what Telegram or the
 * network said; the state is as it was, unless that itself changed it. Called once, not from inside the function. */
typedef void tg_step_fn(void *ctx, const struct tg_answer *failure);

#endif
