/* What is not known for sure is asked for before it is told: chats with a create whose fate is unknown, and calls that
 * are stale. A few of them, for a short while. The account's thread. */
#ifndef TGCALLD_TG_SETTLE_H
#define TGCALLD_TG_SETTLE_H

#include "daemon/tg/account/account.h"

enum { TG_SETTLE_MAX = 8 };

/* Asks for at most MAX (up to TG_SETTLE_MAX) chats, and conferences, which have none; gives how many. DONE is called
 * once, when all were heard of or DEADLINE_US has come; from inside where nothing is to be asked, or cannot be now. */
unsigned tg_settle(struct tg_account *a, unsigned max, int64_t deadline_us, void (*done)(void *ctx), void *ctx);

#endif
