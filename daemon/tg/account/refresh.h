/* Reads calls again whose records may be out of date, and those that there is only word of: in the background, one at a
 * time, never in a burst, and until each is settled. One that cannot be is asked for ever more seldom, and keeps no
 * other waiting. */
#ifndef TGCALLD_TG_REFRESH_H
#define TGCALLD_TG_REFRESH_H

#include "daemon/base/err.h"

struct refresh;
struct tg_account;

int refresh_new(struct tg_account *a, struct refresh **ret) TGC_MUST;
/* After the account's requests have ended. NULL is fine. */
void refresh_free(struct refresh *r);
/* Something may have become stale, or may be asked for again. */
void refresh_wake(struct refresh *r);
/* The same, where much may have become stale at once: an earlier trouble of asking counts no more. */
void refresh_begin(struct refresh *r);

#endif
