/* One method call of an account: encoded, sent, repeated as the decision table says, its answer learnt from, then given
 * to the caller. Everything the daemon asks Telegram goes through here. The account's thread.
 *
 * That nobody waits any more is not that it did not happen. A request that is not sent at its deadline is never sent,
 * and certainly did not happen. One that was sent and not answered is *unknown*: what it could have changed counts as
 * unknown too (effect.h), and its answer is learnt from whenever it comes. */
#ifndef TGCALLD_TG_INVOKE_H
#define TGCALLD_TG_INVOKE_H

#include <stdint.h>

#include <jansson.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/tg/account/ask.h"

struct tg_account;

/* A fault of the parameters is returned at once (see tl_encode_method() and tl_encode_values()) and nothing is sent. */
int tg_invoke(struct tg_account *a, const struct tg_ask *ask, struct fault *fault) TGC_MUST;

/* For the daemon's own reads, by the method's name: TGC_EUNKNOWN where the layer lacks it. Steals PARAMS (NULL: memory
 * was gone). */
int tg_invoke_named(struct tg_account *a, const char *method, json_t *params, int64_t deadline_us, unsigned flags,
                    tg_answer_fn *done, void *ctx, struct fault *fault) TGC_MUST;

#endif
