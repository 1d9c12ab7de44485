/* By which way an account connects: through a proxy of its own, or directly whatever the daemon's proxy is. NULL is the
 * daemon's own way. Counted, as a link may outlive the account's turn to another; one thread. */
#ifndef TGCALLD_TG_WAY_H
#define TGCALLD_TG_WAY_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/base/proxy.h"
#include "daemon/tg/env.h"

struct tg_way;

enum { TG_WAY_REMEDY_SIZE = 640 };

/* TEXT is a proxy (base/proxy.h), or PROXY_NONE. TGC_EINVAL with a sentence that quotes nothing of it; TGC_ENOMEM. */
int tg_way_new(const char *text, struct tg_way **ret, struct fault *fault) TGC_MUST;
/* Which one it is cannot be told any more: nothing goes by it. */
int tg_way_new_lost(struct tg_way **ret) TGC_MUST;
/* NULL is fine, and is given back. */
struct tg_way *tg_way_ref(struct tg_way *way);
/* The last one wipes it. NULL is fine. */
void tg_way_unref(struct tg_way *way);

/* The text that it was made of, with all that is secret in it. */
const char *tg_way_text(const struct tg_way *way);
/* The same without, as proxy_show() has it; "unknown" of one that was lost. */
void tg_way_show(const struct tg_way *way, char out[static PROXY_SHOWN_SIZE]);
/* Whether both lead the same way. Either may be NULL. */
bool tg_way_is(const struct tg_way *way, const struct tg_way *other);

/* All that follows takes NULL for the daemon's own way. */

/* NULL: directly. Borrowed. */
const struct proxy *tg_way_proxy(const struct tg_way *way, const struct tg_env *env);
/* Why nothing goes that way, or not in the daemon's framing; NULL where it does. */
const char *tg_way_unfit(const struct tg_way *way, const struct tg_env *env);
/* What to do where nothing comes through; "" where it goes directly. */
void tg_way_remedy(const struct tg_way *way, const struct tg_env *env, const char *account,
                   char out[static TG_WAY_REMEDY_SIZE]);

#endif
